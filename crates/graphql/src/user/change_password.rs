use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::OwnAccount;

use crate::accounts;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::session::{only_users, refused};

/// The mutation `changePassword`.
#[derive(Default)]
pub struct ChangePassword;

/// What `changePassword` takes.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The caller's present password.
    current_password: String,
    /// The password that they want: 12 characters at least.
    new_password: String,
}

/// What `changePassword` answers.
#[derive(SimpleObject)]
struct ChangePasswordPayload {
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ChangePassword {
    /// Gives the caller another password. All their other sessions end, in all workspaces.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Both passwords.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let permit = ctx.permit::<OwnAccount>()?;
        let Some(session) = ctx.principal()?.session else {
            return Ok(ChangePasswordPayload {
                user_errors: vec![only_users()],
            });
        };
        let request = accounts::ChangePassword {
            session,
            current: input.current_password,
            new: input.new_password,
            address: ctx.address(),
        };
        let accounts = &ctx.services()?.accounts;
        let user_errors = match accounts.change_password(&permit, request).await {
            Ok(()) => Vec::new(),
            Err(error) => refused(error)?,
        };
        Ok(ChangePasswordPayload { user_errors })
    }
}
