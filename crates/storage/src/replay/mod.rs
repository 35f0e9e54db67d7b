//! Replays: events of the past, sent to an endpoint again, a few at a time.

mod find;
mod step;

pub use find::{ReplayFilter, counts, find, find_many, pages, running};
pub use step::{cancel_all, step};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{ReplayId, WebhookEndpointId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// How far a replay is.
    pub enum ReplayStatus {
        /// It goes on by itself.
        Running => "RUNNING",
        /// Somebody has stopped it for a while.
        Paused => "PAUSED",
        /// All its events are on their way.
        Finished => "FINISHED",
        /// Somebody has ended it, or its endpoint is gone.
        Cancelled => "CANCELLED",
    }
}

text_enum! {
    /// Which of the events that match are sent.
    pub enum ReplayScope {
        /// All.
        All => "ALL",
        /// Those that have not arrived at the endpoint and are not on their way.
        Missing => "MISSING",
    }
}

/// A replay.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replays")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReplayId,
    pub workspace_id: WorkspaceId,
    pub endpoint_id: WebhookEndpointId,
    pub status: ReplayStatus,
    pub scope: ReplayScope,
    /// Only events of these types; all when empty.
    pub event_types: Json,
    /// Only events that happened at or after this instant.
    pub since: Option<Timestamp>,
    /// Only events that happened before this instant.
    pub until: Option<Timestamp>,
    /// The log position up to which it has come.
    pub position: i64,
    /// The log position at which it ends: what is stored later is sent anyway.
    pub last: i64,
    /// How many events match.
    pub total: i64,
    /// How many of them it has come past.
    pub looked_at: i64,
    /// How many of them it has sent.
    pub sent: i64,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// A replay as it is stored.
pub type Replay = Model;

impl Model {
    /// The types of its events; all when empty.
    pub fn types(&self) -> Vec<String> {
        self.event_types.parse().unwrap_or_default()
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
