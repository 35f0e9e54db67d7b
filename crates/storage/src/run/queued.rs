//! How a run begins.

use super::{Priority, Run, RunStatus};
use crate::{
    Json, Timestamp,
    ids::{RunId, WorkflowId, WorkflowVersionId, WorkspaceId},
    workflow_version::WorkflowVersion,
};

/// What a run is given once, and keeps.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// From [`Clock::id`](crate::Clock::id).
    pub id: RunId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// The version that it follows to its end.
    pub workflow_version_id: WorkflowVersionId,
    /// The key of the trigger node at which it starts.
    pub trigger_key: String,
    /// What expressions see as `trigger`.
    pub input: Json,
}

impl Beginning {
    /// Of a run that follows `version`.
    pub fn of(version: &WorkflowVersion, id: RunId, trigger_key: String, input: Json) -> Self {
        Self {
            id,
            workspace_id: version.workspace_id,
            workflow_id: version.workflow_id,
            workflow_version_id: version.id,
            trigger_key,
            input,
        }
    }
}

impl Run {
    /// A run that nobody has claimed, due at once, and on its own: no event and no other run stands behind it, and no
    /// limit holds for it.
    pub fn queued(beginning: Beginning, now: Timestamp) -> Self {
        Self {
            id: beginning.id,
            workspace_id: beginning.workspace_id,
            workflow_id: beginning.workflow_id,
            workflow_version_id: beginning.workflow_version_id,
            event_id: None,
            trigger_key: beginning.trigger_key,
            idempotency_key: None,
            status: RunStatus::Queued,
            input: beginning.input,
            output: None,
            error: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            due_at: Some(now),
            lease_owner: None,
            fence: 0,
            revision: 0,
            parent_run_id: None,
            parent_step_id: None,
            depth: 0,
            signal: 0,
            recoveries: 0,
            rerun_of: None,
            priority: Priority::Normal,
            slot: None,
            slot_group: None,
            slot_limit: None,
            is_test: false,
            pins: None,
        }
    }
}
