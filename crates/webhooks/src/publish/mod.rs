//! What a company's own product says has happened.
//!
//! [`Publisher`] is the one way into the log for every interface: it holds events to the catalogue, tells a repeat from
//! another event under the same key, and returns after the commit that has the events and the runs that they start.

mod check;
mod fingerprint;
mod payload;
mod store;

use jackfield_storage::event::Event;
use jackfield_storage::{Json, Problem, StorageError, Store, Timestamp};

pub use payload::payload;

pub(crate) use check::is_type;

use crate::event_type::EventTypes;

/// How many events may be published at once.
const MOST: usize = 1_000;

/// An event that is to be published.
#[derive(Clone, Debug)]
pub struct Publication {
    /// What happened, such as `invoice.paid`; 1 to 200 characters without spaces.
    pub event_type: String,
    /// What there is to say about it.
    pub data: Json,
    /// The media type of a payload that is not JSON.
    pub content_type: Option<String>,
    /// The same key with the same content is the same event; 1 to 200 characters.
    pub idempotency_key: Option<String>,
    /// When it happened; now when it is not given.
    pub occurred_at: Option<Timestamp>,
    /// For whom it is, among the endpoints that name channels; 10 at most.
    pub channels: Vec<String>,
}

/// An event that is on disk.
#[derive(Clone, Debug)]
pub struct Published {
    /// The event, or the earlier one with the same idempotency key.
    pub event: Event,
    /// What is wrong with it, but was let pass by the workspace's rules.
    pub warnings: Vec<Problem>,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Something about these events has to change; each problem begins with the event's place in the list.
    #[error("the events cannot be published as they are")]
    Rejected(Vec<Problem>),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Publishes events. Cheap to clone.
#[derive(Clone)]
pub struct Publisher {
    store: Store,
    types: EventTypes,
    max_bytes: usize,
}

impl Publisher {
    /// Publishes into `store` what `types` allow, with data of `max_bytes` bytes at most.
    pub fn new(store: Store, types: EventTypes, max_bytes: usize) -> Self {
        Self {
            store,
            types,
            max_bytes,
        }
    }
}
