use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::membership::ChangeMember;

use super::User;
use super::outcome::change;
use crate::errors::UserError;

/// The mutation `deactivateUser`.
#[derive(Default)]
pub struct DeactivateUser;

/// What `deactivateUser` takes.
#[derive(InputObject)]
struct DeactivateUserInput {
    /// The user.
    user_id: ID,
}

/// What `deactivateUser` answers.
#[derive(SimpleObject)]
struct DeactivateUserPayload {
    /// The user; null when there are user errors.
    user: Option<User>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DeactivateUser {
    /// Ends what a user may do in this workspace, with their sessions here. What they have done stays in the audit log.
    async fn deactivate_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: DeactivateUserInput,
    ) -> Result<DeactivateUserPayload> {
        let (user, user_errors) = change(ctx, &input.user_id, ChangeMember::Deactivate).await?;
        Ok(DeactivateUserPayload { user, user_errors })
    }
}
