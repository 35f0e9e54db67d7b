//! The values that a variable has had.

mod find;

pub use find::of_variables;

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{VariableId, WorkspaceId},
};

/// What a variable was from one change to the next.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variable_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub variable_id: VariableId,
    /// 1 for the first, then counted up.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub workspace_id: WorkspaceId,
    pub value: Json,
    pub created_at: Timestamp,
    /// Who gave it: an [`Actor`](crate::access::Actor) as text.
    pub created_by: String,
}

/// A value as it is stored.
pub type VariableVersion = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
