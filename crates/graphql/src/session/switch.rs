use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::{Actor, OwnAccount};

use super::{Session, no_member, only_users, outcome};
use crate::accounts::Switch;
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `switchWorkspace`.
#[derive(Default)]
pub struct SwitchWorkspace;

/// What `switchWorkspace` takes.
#[derive(InputObject)]
struct SwitchWorkspaceInput {
    /// The workspace to go to, one of `viewer.workspaces`.
    workspace_id: ID,
}

/// What `switchWorkspace` answers.
#[derive(SimpleObject)]
struct SwitchWorkspacePayload {
    /// The new session; null when there are user errors.
    session: Option<Session>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SwitchWorkspace {
    /// Begins a session in another of the caller's workspaces. The one that asks goes on until it is signed out.
    async fn switch_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] input: SwitchWorkspaceInput,
    ) -> Result<SwitchWorkspacePayload> {
        let permit = ctx.permit::<OwnAccount>()?;
        let refuse = |error| {
            Ok(SwitchWorkspacePayload {
                session: None,
                user_errors: vec![error],
            })
        };
        let Actor::User(user) = ctx.principal()?.actor else {
            return refuse(only_users());
        };
        let Ok(workspace) = input.workspace_id.parse() else {
            return refuse(no_member());
        };
        let request = Switch {
            user,
            permit,
            workspace,
        };
        let (session, user_errors) = outcome(ctx.services()?.accounts.switch(request).await)?;
        Ok(SwitchWorkspacePayload {
            session,
            user_errors,
        })
    }
}
