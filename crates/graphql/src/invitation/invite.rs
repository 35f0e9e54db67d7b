use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::{self, ManageUsers};
use jackfield_storage::invitation::{self, InviteError, NewInvitation};
use jackfield_storage::user::Email;

use super::Invitation;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};
use crate::scalars::Duration;
use crate::viewer::Role;

/// How long an invitation can be accepted when nobody says otherwise, in hours.
const DEFAULT: u64 = 7 * 24;

/// How long at most, in hours.
const LONGEST: i64 = 30 * 24;

/// The mutation `inviteUser`.
#[derive(Default)]
pub struct InviteUser;

/// What `inviteUser` takes.
#[derive(InputObject)]
struct InviteUserInput {
    /// The e-mail address of whoever is invited.
    email: String,
    /// What they will be; at most the caller's own role.
    role: Role,
    /// How long it can be accepted, up to P30D; P7D by default.
    lifetime: Option<Duration>,
}

/// What `inviteUser` answers.
#[derive(SimpleObject, Default)]
struct InviteUserPayload {
    /// The invitation; null when there are user errors.
    invitation: Option<Invitation>,
    /// What `acceptInvitation` takes, once. It is shown this once and stored nowhere: send it to whoever is invited.
    token: Option<String>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl InviteUser {
    /// Invites somebody to become a user of this workspace. An open invitation for the same address is taken back.
    async fn invite_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: InviteUserInput,
    ) -> Result<InviteUserPayload> {
        let permit = ctx.permit::<ManageUsers>()?;
        let store = ctx.store()?;
        let refuse = |error| {
            Ok(InviteUserPayload {
                user_errors: vec![error],
                ..Default::default()
            })
        };
        let email: Email = match input.email.parse() {
            Ok(email) => email,
            Err(error) => return refuse(UserError::invalid("email", format!("{error}"))),
        };
        let (role, own) = (access::Role::from(input.role), ctx.principal()?.role);
        if role > own {
            let message =
                format!("Your role is {own}; you cannot invite somebody to a higher one.");
            return refuse(UserError {
                code: UserErrorCode::Forbidden,
                ..UserError::invalid("role", message)
            });
        }
        let lifetime = match input.lifetime {
            None => std::time::Duration::from_secs(DEFAULT * 3600),
            Some(Duration(given)) if !given.is_positive() || given.as_hours() > LONGEST => {
                let message =
                    "An invitation can be accepted for P30D at most, and for more than nothing.";
                return refuse(UserError::invalid("lifetime", message));
            }
            Some(Duration(given)) => given.unsigned_abs(),
        };
        let minted = ctx.services()?.tokens.invitation();
        let new = NewInvitation {
            email,
            role,
            token_hash: minted.hash,
            expires_at: store.clock().now().after(lifetime),
        };
        match invitation::create(store, &permit, new).await {
            Ok(row) => Ok(InviteUserPayload {
                invitation: Some(Invitation(row)),
                token: Some(minted.token),
                user_errors: Vec::new(),
            }),
            Err(error @ InviteError::Member) => refuse(UserError {
                code: UserErrorCode::Taken,
                ..UserError::invalid("email", error.to_string())
            }),
            Err(InviteError::Storage(error)) => Err(internal(error)),
        }
    }
}
