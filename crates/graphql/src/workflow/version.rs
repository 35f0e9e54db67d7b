use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::workflow_version;

use super::Workflow;
use super::definition::WorkflowDefinition;
use crate::context::ContextExt;
use crate::errors::internal;
use crate::scalars::DateTime;

/// What was saved at one time. A version never changes.
#[derive(Clone)]
pub struct WorkflowVersion(pub workflow_version::WorkflowVersion);

impl From<workflow_version::WorkflowVersion> for WorkflowVersion {
    fn from(row: workflow_version::WorkflowVersion) -> Self {
        Self(row)
    }
}

/// What was saved at one time. A version never changes.
#[Object]
impl WorkflowVersion {
    /// The version's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// 1 for the first, then counted up.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Its nodes and edges.
    async fn definition(&self) -> Result<WorkflowDefinition> {
        self.0
            .definition
            .parse()
            .map(WorkflowDefinition)
            .map_err(internal)
    }

    /// When it was saved.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last published; null when it never was.
    async fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime)
    }

    /// Its workflow.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Workflow> {
        let found = ctx.loaders()?.workflow.load(self.0.workflow_id).await?;
        found
            .map(Workflow)
            .ok_or_else(|| internal("a version has no workflow"))
    }
}
