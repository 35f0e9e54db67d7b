//! The schemas that a type of events has had. A version never changes once it is saved.

mod find;

pub use find::of_types;

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{EventTypeId, WorkspaceId},
};

/// What the data had to look like from one change of the schema to the next.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_type_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_type_id: EventTypeId,
    /// 1 for the first, then counted up.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub workspace_id: WorkspaceId,
    /// The JSON Schema of the data; anything went when there is none.
    pub schema: Option<Json>,
    pub created_at: Timestamp,
}

/// A version as it is stored.
pub type EventTypeVersion = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
