//! The catalogue: which types of events a workspace publishes, what their data looks like, and what it looked like before.

mod archive;
mod change;
mod create;
mod example;
mod import;
mod known;
mod schema;
mod starter;
mod update;

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::ids::WorkspaceId;
use jackfield_storage::{Json, Problem, StorageError, Store};
use parking_lot::Mutex;

pub use import::Imported;
pub(crate) use known::Known;
pub use update::UpdateEventType;

/// The types of events of all workspaces. Cheap to clone.
#[derive(Clone)]
pub struct EventTypes {
    store: Store,
    known: Arc<Mutex<HashMap<WorkspaceId, Arc<Known>>>>,
}

impl EventTypes {
    /// The catalogues in `store`.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            known: Arc::default(),
        }
    }
}

/// A type that does not exist yet.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEventType {
    /// What events carry as their type, such as `booking.created`; 1 to 200 characters without spaces.
    pub name: String,
    /// What it is about, such as `BOOKING`; 100 characters at most.
    #[serde(default)]
    pub category: String,
    /// When such an event happens; 2,000 characters at most.
    #[serde(default)]
    pub description: String,
    /// The JSON Schema of the data, 64 KiB at most; anything goes when there is none.
    #[serde(default)]
    pub schema: Option<Json>,
    /// What the data looks like, 64 KiB at most; it must match the schema.
    #[serde(default)]
    pub example: Option<Json>,
}

/// Why a catalogue could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum EventTypeError {
    /// The caller has to change something; all of it is here.
    #[error("the event type cannot be saved as it is")]
    Rejected(Vec<Problem>),
    /// There is no such type in the workspace.
    #[error("there is no such event type")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
