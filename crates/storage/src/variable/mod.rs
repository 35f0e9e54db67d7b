//! Values of a workspace that expressions read by name. Nothing secret: whoever may read sees them.

mod find;
mod remove;
mod set;

pub use find::{all, count, find, find_many, find_named};
pub use remove::remove;
pub use set::{KEPT_VERSIONS, set};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{VariableId, WorkspaceId},
};

/// A value under a name.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variables")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VariableId,
    pub workspace_id: WorkspaceId,
    /// What expressions call it, as `vars.<name>`; unique in the workspace.
    pub name: String,
    pub value: Json,
    /// What it is for.
    pub description: String,
    /// How many values it has had, this one included.
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Who gave it its value or description: an [`Actor`](crate::access::Actor) as text.
    pub updated_by: String,
    /// The log position of the last change.
    pub revision: i64,
}

/// A variable as it is stored.
pub type Variable = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
