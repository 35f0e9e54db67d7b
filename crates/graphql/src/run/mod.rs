//! Runs of workflows.

mod cancel;
mod find;
mod follow;
mod list;
mod priority;
mod rerun;
mod rerun_many;
mod start;
mod status;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::run;

use crate::context::ContextExt;
use crate::errors::internal;
use crate::event::Event;
use crate::objects::{Objects, Single};
use crate::scalars::{DateTime, JsonScalar};
use crate::step::Step;
use crate::workflow::{Workflow, WorkflowVersion};
pub use cancel::CancelRun;
pub use find::FindRun;
pub use follow::FollowRun;
pub use list::ListRuns;
pub use priority::{OnFull, RunPriority};
pub use rerun::Rerun;
pub use rerun_many::RerunMany;
pub use start::StartRun;
pub use status::RunStatus;

/// One run of a workflow. It keeps the version that it started with.
#[derive(Clone)]
pub struct Run(pub run::Run);

impl From<run::Run> for Run {
    fn from(row: run::Run) -> Self {
        Self(row)
    }
}

/// One run of a workflow. It keeps the version that it started with.
#[Object]
impl Run {
    /// The run's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// How far it is.
    async fn status(&self) -> RunStatus {
        self.0.status.into()
    }

    /// Which of several runs that are due begins first.
    async fn priority(&self) -> RunPriority {
        self.0.priority.into()
    }

    /// Whether it is queued because as many runs of its workflow are under way as its `concurrency` allows.
    async fn waits_for_slot(&self) -> bool {
        self.0.slot == Some(run::Slot::Wanted)
    }

    /// What the key of its workflow's `concurrency` came to; null without a limit.
    async fn concurrency_group(&self) -> Option<&str> {
        self.0.slot_group.as_deref()
    }

    /// What it started with: what expressions see as `trigger`.
    async fn input(&self) -> JsonScalar {
        self.0.input.clone().into()
    }

    /// What it came to; null until it has succeeded.
    async fn output(&self) -> Option<JsonScalar> {
        self.0.output.clone().map(JsonScalar)
    }

    /// What stopped it, with the members `code` and `message`; null unless it failed.
    async fn error(&self) -> Option<JsonScalar> {
        self.0.error.clone().map(JsonScalar)
    }

    /// The key of the trigger node at which it started.
    async fn trigger_key(&self) -> &str {
        &self.0.trigger_key
    }

    /// Whether somebody tries out a draft with it, see `testWorkflow`.
    async fn is_test(&self) -> bool {
        self.0.is_test
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When work on it began; null while it is queued.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When it was over; null until then.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// Its steps, in the order in which they began.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Objects<Step>> {
        let steps = ctx
            .loaders()?
            .steps
            .load(self.0.id)
            .await?
            .unwrap_or_default();
        Ok(steps.into_iter().map(Step).collect())
    }

    /// Its workflow, also when that was deleted since.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Single<Workflow>> {
        let found = ctx.loaders()?.workflow.load(self.0.workflow_id).await?;
        found
            .map(|row| Single(Workflow(row)))
            .ok_or_else(|| internal("a run has no workflow"))
    }

    /// The version of the workflow that it follows.
    async fn version(&self, ctx: &Context<'_>) -> Result<WorkflowVersion> {
        let found = ctx
            .loaders()?
            .version
            .load(self.0.workflow_version_id)
            .await?;
        found
            .map(WorkflowVersion)
            .ok_or_else(|| internal("a run has no version"))
    }

    /// The run that started this one, with a step that waits for it or because it failed; null for every other.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Run>> {
        let Some(parent) = self.0.parent_run_id else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.run.load(parent).await?.map(Run))
    }

    /// The run that this one does over; null when it does none over, or that is gone.
    async fn rerun_of(&self, ctx: &Context<'_>) -> Result<Option<Run>> {
        let Some(past) = self.0.rerun_of else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.run.load(past).await?.map(Run))
    }

    /// The event that started it; null when it was started by hand.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        let Some(event) = self.0.event_id else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.event.load(event).await?.map(Event))
    }
}
