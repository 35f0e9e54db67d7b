//! The steps of a run: its journal.

mod find;

pub use find::{changes_after, find, find_by_node, find_many, of_runs, of_runs_without};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{ConnectedAppId, RunId, StepId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// How far a step is.
    pub enum StepStatus {
        /// Its turn has not come.
        Queued => "QUEUED",
        /// It is being executed.
        Running => "RUNNING",
        /// It waits for an instant, an event, a person or its next attempt.
        Waiting => "WAITING",
        /// It returned an output.
        Succeeded => "SUCCEEDED",
        /// Its attempts are used up.
        Failed => "FAILED",
        /// The run took another branch.
        Skipped => "SKIPPED",
        /// The server died while it was under way: whether it took effect is not known.
        Uncertain => "UNCERTAIN",
        /// The run was stopped.
        Cancelled => "CANCELLED",
    }
}

impl StepStatus {
    /// Whether the step is over.
    pub fn is_finished(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::Skipped | Self::Cancelled
        )
    }
}

/// What one node did in one run.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "steps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StepId,
    pub workspace_id: WorkspaceId,
    pub run_id: RunId,
    /// The node's key in the definition.
    pub node_key: String,
    pub status: StepStatus,
    /// 1 for the first attempt, 0 before it.
    pub attempt: i32,
    /// The node's config with all expressions resolved.
    pub input: Option<Json>,
    pub output: Option<Json>,
    /// `{code, message, …}` of what stopped it.
    pub error: Option<Json>,
    /// The port at which it left.
    pub port: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// When it goes on by itself, while waiting.
    pub wake_at: Option<Timestamp>,
    /// The log position of the last change.
    pub revision: i64,
    /// Which items of the `for-each` nodes around it the step belongs to, counted from 0, the outermost first: `2.0`.
    pub item_path: Option<String>,
    /// SHA-256 in hex of the plugin's file that executes the step.
    pub plugin_sha256: Option<String>,
    /// Whether its node was not executed: its output is the one that was pinned.
    pub pinned: bool,
    /// The connected app whose rate limit it waits for, before an attempt begins.
    pub turn_of: Option<ConnectedAppId>,
    /// What was done otherwise than its config says, as a list of `{code, message}`.
    pub warnings: Option<Json>,
    /// The connected app whose credentials its last attempt had.
    pub connected_app_id: Option<ConnectedAppId>,
}

/// A step as it is stored.
pub type Step = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
