use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageUsers;
use jackfield_storage::password_reset::{self, NewReset, ResetError};

use crate::accounts;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};
use crate::scalars::{DateTime, Duration};
use crate::session::{Session, outcome};

/// How long a reset can be used when nobody says otherwise, in hours.
const DEFAULT: u64 = 24;

/// How long at most, in hours.
const LONGEST: i64 = 7 * 24;

/// The mutations `createPasswordReset` and `resetPassword`.
#[derive(Default)]
pub struct ResetPassword;

/// What `createPasswordReset` takes.
#[derive(InputObject)]
struct CreatePasswordResetInput {
    /// The user who has forgotten their password.
    user_id: ID,
    /// How long it can be used, up to P7D; P1D by default.
    lifetime: Option<Duration>,
}

/// What `createPasswordReset` answers.
#[derive(SimpleObject, Default)]
struct CreatePasswordResetPayload {
    /// What `resetPassword` takes, once. It is shown this once and stored nowhere: give it to the user, and to nobody else.
    token: Option<String>,
    /// From when on it is refused.
    expires_at: Option<DateTime>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What `resetPassword` takes.
#[derive(InputObject)]
struct ResetPasswordInput {
    /// The token of the reset.
    token: String,
    /// The password that you choose: 12 characters at least.
    password: String,
}

/// What `resetPassword` answers.
#[derive(SimpleObject)]
struct ResetPasswordPayload {
    /// The session; null when there are user errors.
    session: Option<Session>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ResetPassword {
    /// Lets a user choose another password who has forgotten theirs. An earlier reset of the same user is good no more. Not for users who
    /// belong to another workspace, too, nor for those of a higher role.
    async fn create_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: CreatePasswordResetInput,
    ) -> Result<CreatePasswordResetPayload> {
        let permit = ctx.permit::<ManageUsers>()?;
        let store = ctx.store()?;
        let refuse = |error| {
            Ok(CreatePasswordResetPayload {
                user_errors: vec![error],
                ..Default::default()
            })
        };
        let missing = || UserError::not_found("userId", "user");
        let Ok(user) = input.user_id.parse() else {
            return refuse(missing());
        };
        let lifetime = match input.lifetime {
            None => std::time::Duration::from_secs(DEFAULT * 3600),
            Some(Duration(given)) if !given.is_positive() || given.as_hours() > LONGEST => {
                let message = "A reset can be used for P7D at most, and for more than nothing.";
                return refuse(UserError::invalid("lifetime", message));
            }
            Some(Duration(given)) => given.unsigned_abs(),
        };
        let minted = ctx.services()?.tokens.password_reset();
        let new = NewReset {
            user,
            token_hash: minted.hash,
            expires_at: store.clock().now().after(lifetime),
        };
        let own = ctx.principal()?.role;
        let with = |code, error: &ResetError| UserError {
            code,
            ..UserError::invalid("userId", error.to_string())
        };
        match password_reset::create(store, &permit, own, new).await {
            Ok(reset) => Ok(CreatePasswordResetPayload {
                token: Some(minted.token),
                expires_at: Some(reset.expires_at.into()),
                user_errors: Vec::new(),
            }),
            Err(ResetError::NotFound) => refuse(missing()),
            Err(error @ ResetError::Deactivated) => refuse(with(UserErrorCode::Conflict, &error)),
            Err(error @ (ResetError::Higher { .. } | ResetError::Elsewhere)) => {
                refuse(with(UserErrorCode::Forbidden, &error))
            }
            Err(ResetError::Storage(error)) => Err(internal(error)),
        }
    }

    /// Gives a user the password that they choose, ends all their sessions, and signs them in. Needs no other token. It can be done once.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reset, and the password.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        let request = accounts::ResetPassword {
            token: input.token,
            password: input.password,
        };
        let reset = ctx.services()?.accounts.reset_password(request).await;
        let (session, user_errors) = outcome(reset)?;
        Ok(ResetPasswordPayload {
            session,
            user_errors,
        })
    }
}
