use async_graphql::{Context, Enum, ID, Object, Result};
use futures_util::future::{try_join_all, try_join3};
use jackfield_storage::access::Read;
use jackfield_storage::workflow_version;
use jackfield_workflows::file;

use super::Workflow;
use super::definition::WorkflowDefinition;
use super::problem::WorkflowProblem;
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

/// How a workflow is written as a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "file::Format")]
pub enum WorkflowFileFormat {
    /// YAML 1.2.
    #[default]
    Yaml,
    /// JSON with line breaks.
    Json,
}

impl WorkflowVersion {
    pub(super) async fn find_problems(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowProblem>> {
        ctx.permit::<Read>()?;
        let examined = ctx.services()?.workflows.examine(&self.0);
        let examined = examined.map_err(internal)?;
        let loaders = ctx.loaders()?;
        let apps = examined.apps().into_iter().map(|id| loaders.app.load(id));
        let defaults = examined.by_default().into_iter();
        let defaults = defaults.map(|provider| loaders.default_app.load(provider));
        let templates = examined.message_templates().into_iter();
        let templates = templates.map(|id| loaders.message_template.load(id));
        let (apps, defaults, templates) = try_join3(
            try_join_all(apps),
            try_join_all(defaults),
            try_join_all(templates),
        )
        .await?;
        let templates: Vec<_> = templates.into_iter().flatten().collect();
        let apps: Vec<_> = apps.into_iter().chain(defaults).flatten().collect();
        Ok(examined
            .problems(&apps, &templates)
            .into_iter()
            .map(|problem| WorkflowProblem::of(&self.0, problem))
            .collect())
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

    /// It as a file that a repository can hold: the same definition is always the same text. Without ids and secrets;
    /// connected apps go by their names.
    async fn file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is written; as YAML by default.")] format: Option<
            WorkflowFileFormat,
        >,
    ) -> Result<String> {
        let permit = ctx.permit::<Read>()?;
        let workflows = &ctx.services()?.workflows;
        let format = format.unwrap_or_default().into();
        let file = workflows.export(&permit, &self.0, format).await;
        file.map_err(internal)
    }

    /// What is wrong with it now, though it was right when it was saved.
    async fn problems(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowProblem>> {
        self.find_problems(ctx).await
    }

    /// Its workflow.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Workflow> {
        let found = ctx.loaders()?.workflow.load(self.0.workflow_id).await?;
        found
            .map(Workflow)
            .ok_or_else(|| internal("a version has no workflow"))
    }
}
