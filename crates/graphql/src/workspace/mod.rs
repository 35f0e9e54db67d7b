//! Workspaces: the tenants.

mod create;
mod update;

use async_graphql::{Enum, ID, Object};
use jackfield_storage::workspace;

use crate::scalars::DateTime;
pub use create::CreateWorkspace;
pub use update::UpdateWorkspace;

/// What happens to a published event whose data does not match the schema of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "workspace::SchemaMismatch")]
pub enum SchemaMismatch {
    /// It is refused.
    Reject,
    /// It is stored, and its publisher is warned.
    Warn,
    /// It is stored; nothing is checked.
    Ignore,
}

/// What happens to a published event whose type is not in the catalogue, or is archived there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "workspace::UnknownEventTypes")]
pub enum UnknownEventTypes {
    /// It is stored.
    Accept,
    /// It is stored, and its publisher is warned.
    Warn,
    /// It is refused.
    Reject,
}

/// A tenant: everything else belongs to exactly one.
#[derive(Clone)]
pub struct Workspace(pub workspace::Workspace);

/// A tenant: everything else belongs to exactly one.
#[Object]
impl Workspace {
    /// The workspace's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What happens to a published event whose data does not match the schema of its type.
    async fn schema_mismatch(&self) -> SchemaMismatch {
        self.0.schema_mismatch.into()
    }

    /// What happens to a published event whose type is not in the catalogue, or is archived there.
    async fn unknown_event_types(&self) -> UnknownEventTypes {
        self.0.unknown_event_types.into()
    }

    /// How many days an event is kept; null for as many as the server keeps it (`keep_events_days`).
    async fn keep_events_days(&self) -> Option<i32> {
        self.0.keep_events_days
    }

    /// How many days a delivery is kept with its attempts; null for as many as an event.
    async fn keep_deliveries_days(&self) -> Option<i32> {
        self.0.keep_deliveries_days
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}
