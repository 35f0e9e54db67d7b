use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::{Session, outcome};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `refreshSession`.
#[derive(Default)]
pub struct RefreshSession;

/// What `refreshSession` takes.
#[derive(InputObject)]
struct RefreshSessionInput {
    /// The last refresh token of the session.
    refresh_token: String,
}

/// What `refreshSession` answers.
#[derive(SimpleObject)]
struct RefreshSessionPayload {
    /// The session with new tokens; null when there are user errors.
    session: Option<Session>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl RefreshSession {
    /// Goes on with a session for its last refresh token. Needs no other token. A refresh token that was used before ends the
    /// session, because somebody else has it.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: RefreshSessionInput,
    ) -> Result<RefreshSessionPayload> {
        let accounts = &ctx.services()?.accounts;
        let (session, user_errors) = outcome(accounts.refresh(&input.refresh_token).await)?;
        Ok(RefreshSessionPayload {
            session,
            user_errors,
        })
    }
}
