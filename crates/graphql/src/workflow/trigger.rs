use async_graphql::{Enum, Object};
use jackfield_storage::trigger;

use crate::scalars::DateTime;

/// A trigger node of a published version, with what is known of it right now.
pub struct Trigger(pub trigger::Trigger);

/// What a trigger waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "trigger::TriggerKind")]
pub enum TriggerKind {
    /// A request at the node's own address.
    Webhook,
    /// An event of one of its types.
    Event,
    /// An instant.
    Schedule,
    /// A person or a program that asks for it.
    Manual,
    /// A request at the hook of its connected app, which its plugin reads.
    Plugin,
    /// News for which its plugin asks now and then.
    Poll,
}

/// A trigger node of a published version, with what is known of it right now.
#[Object]
impl Trigger {
    /// The node's key in the definition.
    async fn node_key(&self) -> &str {
        &self.0.node_key
    }

    /// What it waits for.
    async fn kind(&self) -> TriggerKind {
        self.0.kind.into()
    }

    /// When it starts the next run, or of a trigger that asks, when it asks next; null for everything else, and for a schedule that has no
    /// instant left.
    async fn next_run_at(&self) -> Option<DateTime> {
        self.0.next_at.map(DateTime::from)
    }

    /// Why it did not start a run the last time that it could not, such as a filter that failed. Null since it was
    /// published when nothing went wrong, and for one that asks when the last time went well.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// When that was.
    async fn error_at(&self) -> Option<DateTime> {
        self.0.error_at.map(DateTime::from)
    }
}
