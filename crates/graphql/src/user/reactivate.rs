use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::membership::ChangeMember;

use super::User;
use super::outcome::change;
use crate::errors::UserError;

/// The mutation `reactivateUser`.
#[derive(Default)]
pub struct ReactivateUser;

/// What `reactivateUser` takes.
#[derive(InputObject)]
struct ReactivateUserInput {
    /// The user.
    user_id: ID,
}

/// What `reactivateUser` answers.
#[derive(SimpleObject)]
struct ReactivateUserPayload {
    /// The user; null when there are user errors.
    user: Option<User>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ReactivateUser {
    /// Lets a user do again what their role allows in this workspace.
    async fn reactivate_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: ReactivateUserInput,
    ) -> Result<ReactivateUserPayload> {
        let (user, user_errors) = change(ctx, &input.user_id, ChangeMember::Reactivate).await?;
        Ok(ReactivateUserPayload { user, user_errors })
    }
}
