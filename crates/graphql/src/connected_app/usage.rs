use async_graphql::{Context, Object, Result};
use jackfield_connected_apps::Use;

use crate::context::ContextExt;
use crate::errors::internal;
use crate::workflow::{Workflow, WorkflowVersion};

/// A version of a workflow that uses a connected app, a resource or a message template: its draft, or the one that is published.
pub struct WorkflowUse(pub Use);

/// A version of a workflow that uses a connected app, a resource or a message template: its draft, or the one that is published.
#[Object]
impl WorkflowUse {
    /// The workflow.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Workflow> {
        let found = ctx.loaders()?.workflow.load(self.0.workflow).await?;
        found
            .map(Workflow)
            .ok_or_else(|| internal("a version has no workflow"))
    }

    /// The version.
    async fn version(&self, ctx: &Context<'_>) -> Result<WorkflowVersion> {
        let found = ctx.loaders()?.version.load(self.0.version).await?;
        found
            .map(WorkflowVersion)
            .ok_or_else(|| internal("a version that was just found is gone"))
    }

    /// Whether it is the version that triggers start.
    async fn is_published(&self, ctx: &Context<'_>) -> Result<bool> {
        let found = ctx.loaders()?.workflow.load(self.0.workflow).await?;
        Ok(found.is_some_and(|workflow| workflow.published_version_id == Some(self.0.version)))
    }

    /// The keys of the nodes that use it.
    async fn node_keys(&self) -> &[String] {
        &self.0.nodes
    }
}
