//! The catalogue: the types of events that a workspace publishes.

mod find;

pub use find::{Summary, TypeFilter, all, find, find_many, named, summaries};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{EventTypeId, WorkspaceId},
};

/// A type of events.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_types")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventTypeId,
    pub workspace_id: WorkspaceId,
    /// What events carry as their type, such as `booking.created`; unique in the workspace, 1 to 200
    /// characters, and never changed.
    pub name: String,
    /// What it is about, such as `BOOKING`.
    pub category: String,
    /// When such an event happens.
    pub description: String,
    /// The number of the present schema: 1 for the first, then counted up.
    pub version: i32,
    /// The JSON Schema of the data; anything goes when there is none.
    pub schema: Option<Json>,
    /// What the data looks like; it matches the schema.
    pub example: Option<Json>,
    /// Since when it is not offered any more.
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The log position of the last change.
    pub revision: i64,
}

/// A type of events as it is stored.
pub type EventType = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
