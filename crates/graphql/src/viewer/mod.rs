//! Who asks.

mod create_session_token;
mod role;

use std::collections::HashMap;

use async_graphql::{Context, Object, Result, SimpleObject};
use jackfield_storage::access::{Actor, ManageKeys, OwnAccount, Principal, Read};
use jackfield_storage::{api_key as keys, membership, workspace};

use crate::api_key::{ApiKey, Scope, shown};
use crate::context::ContextExt;
use crate::errors::internal;
use crate::user::User;
use crate::workspace::Workspace;
pub use create_session_token::CreateSessionToken;
pub use role::Role;

/// The query `viewer`.
#[derive(Default)]
pub struct FindViewer;

#[Object]
impl FindViewer {
    /// Who asks: the holder of the token that came with the request.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        ctx.principal().cloned().map(Viewer)
    }
}

/// Who asks, and what they may do.
pub struct Viewer(Principal);

/// Who asks, and what they may do.
#[Object]
impl Viewer {
    /// The only workspace that the caller sees with this token.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace> {
        let permit = ctx.permit::<Read>()?;
        let found = workspace::find(ctx.store()?.reader(), &permit)
            .await
            .map_err(internal)?;
        found
            .map(Workspace)
            .ok_or_else(|| internal("the caller's workspace is gone"))
    }

    /// What the caller may do.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The subject of the caller's token, when it came from an identity provider.
    async fn subject(&self) -> Option<&str> {
        match &self.0.actor {
            Actor::Subject(subject) => Some(subject),
            _ => None,
        }
    }

    /// The caller's API key, when the request came with one or with a session token that one minted.
    async fn api_key(&self, ctx: &Context<'_>) -> Result<Option<ApiKey>> {
        let Actor::ApiKey(id) = self.0.actor else {
            return Ok(None);
        };
        // Everybody may see their own key.
        let permit =
            jackfield_storage::access::Permit::<ManageKeys>::system(self.0.workspace, "viewer");
        let found = keys::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(ApiKey))
    }

    /// What of their role the caller's API key is limited to; null for all that it allows.
    async fn scopes(&self) -> Option<Vec<Scope>> {
        shown(self.0.scopes)
    }

    /// The caller, when they are a user who has signed in.
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Actor::User(id) = self.0.actor else {
            return Ok(None);
        };
        let permit = ctx.permit::<OwnAccount>()?;
        let found = membership::find_many(ctx.store()?.reader(), &permit, &[id]).await;
        Ok(found.map_err(internal)?.into_iter().next().map(User))
    }

    /// The workspaces in which the caller may do something, with their role in each; the longest one first.
    async fn workspaces(&self, ctx: &Context<'_>) -> Result<Vec<WorkspaceMembership>> {
        let Actor::User(id) = self.0.actor else {
            let workspace = self.workspace(ctx).await?;
            let role = self.0.role.into();
            return Ok(vec![WorkspaceMembership { workspace, role }]);
        };
        let db = ctx.store()?.reader();
        let memberships = membership::of_user(db, id).await.map_err(internal)?;
        let rows = workspace::of_memberships(db, &memberships).await;
        let mut rows: HashMap<_, _> = rows
            .map_err(internal)?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let with_role = |membership: membership::Membership| {
            Some(WorkspaceMembership {
                workspace: Workspace(rows.remove(&membership.workspace_id)?),
                role: membership.role.into(),
            })
        };
        Ok(memberships.into_iter().filter_map(with_role).collect())
    }
}

/// That somebody may do something in a workspace.
#[derive(SimpleObject)]
struct WorkspaceMembership {
    /// Where.
    workspace: Workspace,
    /// What they may do there.
    role: Role,
}
