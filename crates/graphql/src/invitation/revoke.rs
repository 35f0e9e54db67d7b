use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageUsers;
use jackfield_storage::invitation;

use super::Invitation;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};

/// The mutation `revokeInvitation`.
#[derive(Default)]
pub struct RevokeInvitation;

/// What `revokeInvitation` takes.
#[derive(InputObject)]
struct RevokeInvitationInput {
    /// The invitation.
    invitation_id: ID,
}

/// What `revokeInvitation` answers.
#[derive(SimpleObject)]
struct RevokeInvitationPayload {
    /// The invitation; null when there are user errors.
    invitation: Option<Invitation>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl RevokeInvitation {
    /// Takes an invitation back, so that nobody can accept it.
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RevokeInvitationInput,
    ) -> Result<RevokeInvitationPayload> {
        let permit = ctx.permit::<ManageUsers>()?;
        let refuse = |error| {
            Ok(RevokeInvitationPayload {
                invitation: None,
                user_errors: vec![error],
            })
        };
        let missing = || UserError::not_found("invitationId", "invitation");
        let Ok(id) = input.invitation_id.parse() else {
            return refuse(missing());
        };
        let revoked = invitation::revoke(ctx.store()?, &permit, id).await;
        match revoked.map_err(internal)? {
            None => refuse(missing()),
            Some(row) if row.accepted_at.is_some() => refuse(UserError {
                code: UserErrorCode::Conflict,
                ..UserError::invalid(
                    "invitationId",
                    "It was accepted: deactivate the user instead.",
                )
            }),
            Some(row) => Ok(RevokeInvitationPayload {
                invitation: Some(Invitation(row)),
                user_errors: Vec::new(),
            }),
        }
    }
}
