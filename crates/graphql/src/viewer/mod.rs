//! Who asks.

mod create_session_token;
mod role;

use async_graphql::{Context, Object, Result};
use jackfield_storage::access::{Actor, ManageKeys, Principal, Read};
use jackfield_storage::{api_key as keys, workspace};

use crate::api_key::ApiKey;
use crate::context::ContextExt;
use crate::errors::internal;
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
    /// The only workspace that the caller sees.
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
            Actor::User(subject) => Some(subject),
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
}
