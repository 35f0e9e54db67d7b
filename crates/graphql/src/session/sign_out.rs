use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::OwnAccount;
use jackfield_storage::user_session;

use super::only_users;
use crate::context::ContextExt;
use crate::errors::{UserError, internal};

/// The mutation `signOut`.
#[derive(Default)]
pub struct SignOut;

/// What `signOut` takes.
#[derive(InputObject)]
struct SignOutInput {
    /// Whether all sessions of the user end, in all workspaces; only the one that asks by default.
    #[graphql(default)]
    everywhere: bool,
}

/// What `signOut` answers.
#[derive(SimpleObject)]
struct SignOutPayload {
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SignOut {
    /// Ends the caller's session on all servers at once, with its tokens and everything that follows something with them.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much of it.")] input: SignOutInput,
    ) -> Result<SignOutPayload> {
        let permit = ctx.permit::<OwnAccount>()?;
        let Some(session) = ctx.principal()?.session else {
            return Ok(SignOutPayload {
                user_errors: vec![only_users()],
            });
        };
        let store = ctx.store()?;
        let ended = match input.everywhere {
            true => user_session::end_mine(store, &permit).await,
            false => user_session::end(store, &permit, session).await,
        };
        ended.map_err(internal)?;
        Ok(SignOutPayload {
            user_errors: Vec::new(),
        })
    }
}
