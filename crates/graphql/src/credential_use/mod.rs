//! What the credentials of connected apps were used for.

mod list;

use async_graphql::{Context, Enum, ID, Object, Result};
use jackfield_storage::credential_use;
use serde::Deserialize;

use crate::connected_app::ConnectedApp;
use crate::context::ContextExt;
use crate::run::Run;
use crate::scalars::DateTime;
use crate::workflow::Workflow;
pub use list::{ListCredentialUses, page_of};

/// A use of the credentials of a connected app.
pub struct CredentialUse(credential_use::CredentialUse);

impl From<credential_use::CredentialUse> for CredentialUse {
    fn from(row: credential_use::CredentialUse) -> Self {
        Self(row)
    }
}

/// What credentials are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "credential_use::UsePurpose")]
pub enum CredentialUsePurpose {
    /// A step of a run.
    Step,
    /// A node that somebody tried out by itself.
    NodeTest,
    /// Asking the provider whether it takes credentials that are about to be stored.
    CredentialTest,
    /// Asking the provider whether it still takes those of an app that is connected.
    HealthCheck,
    /// Asking what the account has, or whether a resource is verified.
    Resources,
    /// Getting tokens, renewing them, or giving them back.
    Tokens,
    /// Asking whether there is news for a trigger.
    Poll,
    /// Reading what the provider has sent to the app's hook.
    Webhook,
}

/// A use of the credentials of a connected app. It is kept longer than what it was for.
#[Object]
impl CredentialUse {
    /// The id of the use.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// When it began.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// What for.
    async fn purpose(&self) -> CredentialUsePurpose {
        self.0.purpose.into()
    }

    /// The id of the app whose credentials they are.
    async fn connected_app_id(&self) -> ID {
        self.0.app_id.to_string().into()
    }

    /// The app; null when it was disconnected since.
    async fn connected_app(&self, ctx: &Context<'_>) -> Result<Option<ConnectedApp>> {
        let found = ctx.loaders()?.app.load(self.0.app_id).await?;
        Ok(found.map(ConnectedApp))
    }

    /// The workflow to which the step belongs; null outside of any.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Option<Workflow>> {
        let Some(id) = self.0.workflow_id else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.workflow.load(id).await?.map(Workflow))
    }

    /// The id of the run to which the step belongs; null outside of any.
    async fn run_id(&self) -> Option<ID> {
        self.0.run_id.map(|id| id.to_string().into())
    }

    /// That run; null also when it is kept no longer.
    async fn run(&self, ctx: &Context<'_>) -> Result<Option<Run>> {
        let Some(id) = self.0.run_id else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.run.load(id).await?.map(Run))
    }

    /// The key of the node; null when it was not used by one.
    async fn node_key(&self) -> Option<&str> {
        self.0.node_key.as_deref()
    }

    /// Of a step that is executed once for each item of a list, which items it was for, as in `Step.itemPath`.
    async fn item_path(&self) -> Option<&str> {
        self.0.item_path.as_deref()
    }

    /// Which attempt at the step, from 1; null outside of any.
    async fn attempt(&self) -> Option<i32> {
        self.0.attempt
    }

    /// The hosts to which the credentials went, with the port where it is not the usual one; null while it is under way, and when the
    /// server stopped before that was known.
    async fn hosts(&self) -> Option<Vec<String>> {
        let hosts = self.0.hosts.as_ref()?.value();
        Vec::deserialize(hosts).ok()
    }

    /// How many requests carried them; null as `hosts`.
    async fn requests(&self) -> Option<i32> {
        self.0.requests
    }

    /// How often a field of them was a key to check a signature with, or was shown to a plugin that was granted to see it; null as
    /// `hosts`.
    async fn reads(&self) -> Option<i32> {
        self.0.reads
    }
}
