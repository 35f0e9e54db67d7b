//! Workflows and their versions.

mod apply;
mod create;
mod definition;
mod delete;
mod diff;
mod find;
mod import;
mod input;
mod list;
mod outcome;
mod pin;
mod pin_node;
mod problem;
mod publish;
mod restore_version;
mod save;
mod test_node;
mod test_workflow;
mod trigger;
mod unpin_node;
mod unpublish;
mod version;

use async_graphql::{Context, Enum, ID, Object, Result};
use jackfield_storage::workflow;
use jackfield_storage::workflow_version::VersionFilter;
use jackfield_workflows::definition::{Diff, Document};

use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::inbound_hook::InboundHook;
use crate::scalars::DateTime;
pub use apply::ApplyWorkflow;
pub use create::CreateWorkflow;
pub use delete::DeleteWorkflow;
pub use find::FindWorkflow;
pub use import::ImportWorkflow;
pub use list::ListWorkflows;
pub use outcome::outcome;
use pin::Pin;
pub use pin_node::PinNode;
pub use publish::PublishWorkflow;
pub use restore_version::RestoreWorkflowVersion;
pub use save::SaveWorkflow;
pub use test_node::TestNode;
pub use test_workflow::TestWorkflow;
use trigger::Trigger;
pub use unpin_node::UnpinNode;
pub use unpublish::UnpublishWorkflow;
pub use version::WorkflowVersion;

use diff::WorkflowDiff;
use problem::WorkflowProblem;

/// A graph of nodes that runs when one of its triggers fires.
#[derive(Clone)]
pub struct Workflow(pub workflow::Workflow);

impl From<workflow::Workflow> for Workflow {
    fn from(row: workflow::Workflow) -> Self {
        Self(row)
    }
}

/// Whether a workflow's triggers fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum WorkflowStatus {
    /// No version is published: nothing starts it.
    Draft,
    /// A version is published, and its triggers start runs.
    Published,
    /// It was deleted; only its runs still refer to it.
    Deleted,
}

/// A graph of nodes that runs when one of its triggers fires.
#[Object]
impl Workflow {
    /// The workflow's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether its triggers fire.
    async fn status(&self) -> WorkflowStatus {
        match (self.0.deleted_at, self.0.published_version_id) {
            (Some(_), _) => WorkflowStatus::Deleted,
            (None, Some(_)) => WorkflowStatus::Published,
            (None, None) => WorkflowStatus::Draft,
        }
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last saved, published or renamed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// The version that was saved last.
    async fn draft(&self, ctx: &Context<'_>) -> Result<Option<WorkflowVersion>> {
        let Some(version) = self.0.draft_version_id else {
            return Ok(None);
        };
        Ok(ctx
            .loaders()?
            .version
            .load(version)
            .await?
            .map(WorkflowVersion))
    }

    /// The version that triggers start; null when none is published.
    async fn published(&self, ctx: &Context<'_>) -> Result<Option<WorkflowVersion>> {
        let Some(version) = self.0.published_version_id else {
            return Ok(None);
        };
        Ok(ctx
            .loaders()?
            .version
            .load(version)
            .await?
            .map(WorkflowVersion))
    }

    /// Every version that was saved, newest first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that were published, or only those that never were.")]
        published: Option<bool>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<WorkflowVersion>> {
        let page = page((first, after), (last, before), order)?;
        let of = VersionFilter {
            workflow: self.0.id,
            published,
        };
        ctx.loaders()?.versions.page(of, page).await
    }

    /// What is different between two of its versions, by their numbers.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the older version.")] from: i32,
        #[graphql(desc = "The number of the newer version.")] to: i32,
    ) -> Result<WorkflowDiff> {
        let versions = &ctx.loaders()?.version_numbered;
        let document = async |number| -> Result<Document> {
            let version = versions.load((self.0.id, number)).await?.ok_or_else(|| {
                Code::NotFound.error(format!("The workflow has no version {number}."))
            })?;
            version.definition.parse().map_err(internal)
        };
        Ok(Diff::between(&document(from).await?, &document(to).await?).into())
    }

    /// What is wrong now with its published version, and with its draft if that is another one, though it was right when it
    /// was saved. For example the plugin of a node is gone; then the runs of the published version fail with PLUGIN_MISSING.
    async fn problems(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowProblem>> {
        let draft = self.0.draft_version_id;
        let draft = draft.filter(|draft| Some(*draft) != self.0.published_version_id);
        let mut problems = Vec::new();
        for version in self.0.published_version_id.into_iter().chain(draft) {
            if let Some(version) = ctx.loaders()?.version.load(version).await? {
                problems.extend(WorkflowVersion(version).find_problems(ctx).await?);
            }
        }
        Ok(problems)
    }

    /// The outputs that are pinned to nodes of its draft, by the keys of the nodes. Only test runs know of them.
    async fn pins(&self, ctx: &Context<'_>) -> Result<Vec<Pin>> {
        let pins = ctx.loaders()?.pins.load(self.0.id).await?;
        Ok(pins.unwrap_or_default().into_iter().map(Pin).collect())
    }

    /// The addresses of its `webhook` triggers.
    async fn inbound_hooks(&self, ctx: &Context<'_>) -> Result<Vec<InboundHook>> {
        let hooks = ctx
            .loaders()?
            .hooks
            .load(self.0.id)
            .await?
            .unwrap_or_default();
        Ok(hooks.into_iter().map(InboundHook).collect())
    }

    /// The triggers of the published version, which start its runs; none when no version is published.
    async fn triggers(&self, ctx: &Context<'_>) -> Result<Vec<Trigger>> {
        let triggers = ctx.loaders()?.triggers.load(self.0.id).await?;
        Ok(triggers
            .unwrap_or_default()
            .into_iter()
            .map(Trigger)
            .collect())
    }

    /// When one of its schedules starts it next; null when none does.
    async fn next_run_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let triggers = ctx.loaders()?.triggers.load(self.0.id).await?;
        let next = triggers
            .iter()
            .flatten()
            .filter_map(|row| row.next_at)
            .min();
        Ok(next.map(DateTime::from))
    }
}
