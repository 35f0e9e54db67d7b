use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::membership::ChangeMember;

use super::User;
use super::outcome::change;
use crate::errors::UserError;
use crate::viewer::Role;

/// The mutation `changeUserRole`.
#[derive(Default)]
pub struct ChangeUserRole;

/// What `changeUserRole` takes.
#[derive(InputObject)]
struct ChangeUserRoleInput {
    /// The user.
    user_id: ID,
    /// What they will be; at most the caller's own role.
    role: Role,
}

/// What `changeUserRole` answers.
#[derive(SimpleObject)]
struct ChangeUserRolePayload {
    /// The user; null when there are user errors.
    user: Option<User>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ChangeUserRole {
    /// Gives a user another role in this workspace, from their next request on. Nobody gives or takes a role that is higher than their own, and one active owner stays.
    async fn change_user_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: ChangeUserRoleInput,
    ) -> Result<ChangeUserRolePayload> {
        let (user, user_errors) =
            change(ctx, &input.user_id, ChangeMember::Role(input.role.into())).await?;
        Ok(ChangeUserRolePayload { user, user_errors })
    }
}
