//! Workspaces: the tenants.

mod find;

pub use find::{find, find_by_name};

use sea_orm::entity::prelude::*;

use crate::{Timestamp, ids::WorkspaceId};

/// A tenant: whatever else is stored belongs to exactly one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    /// What people call it; unique on this server.
    pub name: String,
    pub created_at: Timestamp,
}

/// A tenant as it is stored.
pub type Workspace = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
