//! What was committed, told to whoever wants to follow.
//!
//! What this process commits is told row by row. What another process commits to the same
//! PostgreSQL is told as [`Elsewhere`]: which positions, and roughly what. A follower whom it may
//! concern reads on from its last position. So a node spends nothing on rows that nobody there
//! follows.
//!
//! **Invariant: order.** When a change is told, everything committed before it was told already,
//! here or elsewhere. So a follower that reads whenever something elsewhere may concern it, and
//! drops what it has seen the position of, sees each thing once and misses nothing.

mod elsewhere;
mod listen;
mod order;

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::{
    connected_app::ConnectedApp, delivery::Delivery, event::Event, event_type::EventType,
    ids::WorkspaceId, inbound_hook::InboundHook, message_template::MessageTemplate,
    resource::Resource, run::Run, step::Step, variable::Variable,
    webhook_endpoint::WebhookEndpoint, workflow::Workflow, workspace::Workspace,
};

pub use elsewhere::Elsewhere;
pub(crate) use elsewhere::Touched;
pub(crate) use listen::{CHANNEL, Listener};
pub(crate) use order::{Heard, Order};

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
    /// A resource was created, changed or deleted.
    Resource(Arc<Resource>),
    /// A type of events was created, changed or archived.
    EventType(Arc<EventType>),
    /// The rules of a workspace were changed.
    Workspace(Arc<Workspace>),
    /// A webhook endpoint was created, changed or deleted.
    WebhookEndpoint(Arc<WebhookEndpoint>),
    /// A delivery came into being or has changed, at this log position.
    Delivery(i64, Arc<Delivery>),
    /// What an API key or a user may do was changed or ended, at this log position.
    Access(i64, WorkspaceId),
    /// A variable was set or deleted, at this log position.
    Variable(i64, Arc<Variable>),
    /// A message template was created, changed or deleted.
    MessageTemplate(Arc<MessageTemplate>),
    /// A hook was changed.
    InboundHook(Arc<InboundHook>),
    /// Another process committed something. Always alone in its batch.
    Elsewhere(Arc<Elsewhere>),
}

impl Change {
    /// The row's workspace, which whoever passes changes on must compare; unknown for what happened
    /// elsewhere.
    pub fn workspace(&self) -> Option<WorkspaceId> {
        match self {
            Self::Event(row) => Some(row.workspace_id),
            Self::Run(row) => Some(row.workspace_id),
            Self::Step(row) => Some(row.workspace_id),
            Self::Workflow(row) => Some(row.workspace_id),
            Self::ConnectedApp(row) => Some(row.workspace_id),
            Self::Resource(row) => Some(row.workspace_id),
            Self::EventType(row) => Some(row.workspace_id),
            Self::Workspace(row) => Some(row.id),
            Self::WebhookEndpoint(row) => Some(row.workspace_id),
            Self::Delivery(_, row) => Some(row.workspace_id),
            Self::Access(_, workspace) => Some(*workspace),
            Self::Variable(_, row) => Some(row.workspace_id),
            Self::MessageTemplate(row) => Some(row.workspace_id),
            Self::InboundHook(row) => Some(row.workspace_id),
            Self::Elsewhere(_) => None,
        }
    }

    /// The row's log position; for what happened elsewhere the last of its positions.
    pub fn position(&self) -> i64 {
        match self {
            Self::Event(row) => row.position,
            Self::Run(row) => row.revision,
            Self::Step(row) => row.revision,
            Self::Workflow(row) => row.revision,
            Self::ConnectedApp(row) => row.revision,
            Self::Resource(row) => row.revision,
            Self::EventType(row) => row.revision,
            Self::Workspace(row) => row.revision,
            Self::WebhookEndpoint(row) => row.revision,
            Self::MessageTemplate(row) => row.revision,
            Self::InboundHook(row) => row.revision,
            Self::Delivery(position, _)
            | Self::Access(position, _)
            | Self::Variable(position, _) => *position,
            Self::Elsewhere(what) => what.upto(),
        }
    }
}

/// Receives what is committed, one message per batch, in the order of positions.
///
/// A follower that is too slow gets `RecvError::Lagged` and reads on from its last position with
/// the `changes_after` finders.
pub type Changes = broadcast::Receiver<Arc<[Change]>>;
