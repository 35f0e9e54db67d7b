//! What was committed, told to whoever wants to follow.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::{
    connected_app::ConnectedApp, event::Event, ids::WorkspaceId, run::Run, step::Step,
    workflow::Workflow,
};

/// One committed row.
#[derive(Clone, Debug)]
pub enum Change {
    /// An event was appended.
    Event(Arc<Event>),
    /// A run was started or moved on.
    Run(Arc<Run>),
    /// A step began or moved on.
    Step(Arc<Step>),
    /// A workflow was saved, published or deleted.
    Workflow(Arc<Workflow>),
    /// An app was connected or changed.
    ConnectedApp(Arc<ConnectedApp>),
}

impl Change {
    /// The row's workspace. Whoever passes changes on must compare it.
    pub fn workspace(&self) -> WorkspaceId {
        match self {
            Self::Event(row) => row.workspace_id,
            Self::Run(row) => row.workspace_id,
            Self::Step(row) => row.workspace_id,
            Self::Workflow(row) => row.workspace_id,
            Self::ConnectedApp(row) => row.workspace_id,
        }
    }

    /// The row's log position.
    pub fn position(&self) -> i64 {
        match self {
            Self::Event(row) => row.position,
            Self::Run(row) => row.revision,
            Self::Step(row) => row.revision,
            Self::Workflow(row) => row.revision,
            Self::ConnectedApp(row) => row.revision,
        }
    }
}

/// Receives what this process commits, one message per batch, in the order of positions.
///
/// A follower that is too slow gets `RecvError::Lagged` and reads on from its last position with
/// the `changes_after` finders.
pub type Changes = broadcast::Receiver<Arc<[Change]>>;
