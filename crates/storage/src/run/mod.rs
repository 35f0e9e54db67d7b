//! Runs of workflows. The row is the queue: whoever works on a run has claimed its row.

mod concurrency;
mod deadlock;
mod find;
mod priority;
mod queued;
mod rerun;
mod signal;
mod slot;

pub use concurrency::{Concurrency, OnFull};
pub use find::{RunFilter, children, count, find, find_linked, find_many, list, next_due};
pub use priority::Priority;
pub use queued::Beginning;
pub use rerun::{Past, insert, past};
pub(crate) use signal::signal;
pub(crate) use slot::leave;
pub use slot::{DEADLOCK, NO_ROOM, Slot, enter, relimit};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{EventId, RunId, StepId, WorkflowId, WorkflowVersionId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// How far a run is.
    pub enum RunStatus {
        /// Nobody works on it yet.
        Queued => "QUEUED",
        /// A node of the cluster works on it.
        Running => "RUNNING",
        /// It waits for an instant, an event or a person.
        Waiting => "WAITING",
        /// It came to its end.
        Succeeded => "SUCCEEDED",
        /// It stopped at an error.
        Failed => "FAILED",
        /// Somebody stopped it.
        Cancelled => "CANCELLED",
    }
}

impl RunStatus {
    /// Whether the run is over.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// One run of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RunId,
    pub workspace_id: WorkspaceId,
    pub workflow_id: WorkflowId,
    /// The version that it started with, and keeps.
    pub workflow_version_id: WorkflowVersionId,
    /// The event that started it.
    pub event_id: Option<EventId>,
    /// The key of the trigger node at which it started.
    pub trigger_key: String,
    /// Unique in the workspace: the same key again is the same run.
    pub idempotency_key: Option<String>,
    pub status: RunStatus,
    /// What expressions see as `trigger`.
    pub input: Json,
    pub output: Option<Json>,
    /// `{code, message, …}` of what stopped it.
    pub error: Option<Json>,
    pub created_at: Timestamp,
    /// When it was first claimed.
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// From when on any node may claim it: at once when queued, when the lease ends when running,
    /// at the wake-up when waiting. Absent when only something from outside, or nothing at all,
    /// moves it on.
    pub due_at: Option<Timestamp>,
    /// Which node works on it.
    pub lease_owner: Option<String>,
    /// Grows with each claim. A worker whose number is no longer this one may not write.
    pub fence: i64,
    /// The log position of the last change.
    pub revision: i64,
    /// The run that started this one: as a step of its own (see `parent_step_id`), or because it failed and its workflow
    /// names this one's for that.
    pub parent_run_id: Option<RunId>,
    /// The step of the parent that waits for this run.
    pub parent_step_id: Option<StepId>,
    /// How many runs are above this one.
    pub depth: i32,
    /// Grows whenever something from outside happens to the run: a message, an event that it may wait for, the end of a
    /// run that it started. A run that is put to rest by a worker that has not seen the present number is due at once.
    pub signal: i64,
    /// How often in a row the run was taken up after its process had died, without a step finished in between.
    pub recoveries: i32,
    /// The run that this one does over, as a whole or from a step on.
    pub rerun_of: Option<RunId>,
    /// Which of several that are due is claimed first.
    pub priority: Priority,
    /// How it stands to its workflow's limit; absent without a limit, and when it is over.
    pub slot: Option<Slot>,
    /// What the limit's key came to: runs of the workflow with the same one share its slots.
    pub slot_group: Option<String>,
    /// How many of its group may be under way.
    pub slot_limit: Option<i32>,
    /// Whether somebody tries out a draft with it.
    pub is_test: bool,
    /// Of a test run: what nodes return instead of being executed, `{output, port}` by their keys.
    pub pins: Option<Json>,
}

/// A run as it is stored.
pub type Run = Model;

impl Model {
    /// The run is over, in one of the final states.
    pub fn finish(&mut self, status: RunStatus, now: Timestamp) {
        self.rest(status, None);
        self.finished_at = Some(now);
    }

    /// Nobody needs to work on the run until `wake_at`, or until something from outside comes.
    pub fn wait(&mut self, wake_at: Option<Timestamp>) {
        self.rest(RunStatus::Waiting, wake_at);
    }

    /// Gives a claimed run back, for any node to claim at once.
    pub fn release(&mut self, now: Timestamp) {
        self.rest(RunStatus::Queued, Some(now));
    }

    fn rest(&mut self, status: RunStatus, due_at: Option<Timestamp>) {
        self.status = status;
        self.due_at = due_at;
        self.lease_owner = None;
    }
}

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
