//! The event log: append-only, in the order of commits.

mod find;
mod hook;
mod name;

pub(crate) use find::matching_in;
pub use find::{EventFilter, changes_after, count, find, find_many, list};
pub use hook::{Received, counts_of_hooks, forget_key, pages_of_hooks};
pub use name::{named, short_id};

use sea_orm::entity::prelude::*;

use crate::{
    Channels, Json, Timestamp,
    ids::{EventId, InboundHookId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// The source of events that the server itself publishes.
pub const SOURCE_OPERATIONAL: &str = "jackfield";

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    pub workspace_id: WorkspaceId,
    /// Its place in the log, shared by all workspaces; what a follower's cursor is made of.
    pub position: i64,
    /// What happened, such as `payment_intent.succeeded`; 1 to 200 characters.
    #[sea_orm(column_name = "type")]
    pub event_type: String,
    /// Who said so, such as `stripe` or `api`.
    pub source: String,
    /// What its source said. A payload that is not JSON is a string where it is text, and
    /// `{"base64": "…"}` otherwise.
    pub data: Json,
    /// The address at which it arrived.
    pub hook_id: Option<InboundHookId>,
    /// Unique in the workspace: the same key again is the same event.
    pub dedupe_key: Option<String>,
    /// When it happened, as its source says.
    pub occurred_at: Timestamp,
    /// When it was stored.
    pub created_at: Timestamp,
    /// The media type of a payload that is not JSON; none for one that is.
    pub content_type: Option<String>,
    /// SHA-256 of what was said under the dedupe key, where saying something else is a mistake.
    pub dedupe_hash: Option<Vec<u8>>,
    /// For whom it is, among the endpoints that name channels.
    pub channels: Channels,
    /// The request that brought it, for one that came to a hook; see [`KeptRequest`](crate::inbound_request::KeptRequest).
    pub request: Option<Json>,
}

/// An event as it is stored.
pub type Event = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::position(self.position)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
