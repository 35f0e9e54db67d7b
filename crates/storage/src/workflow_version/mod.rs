//! The numbered versions of a workflow. A version never changes once it is saved.

mod find;
mod mention;

pub use find::{VersionFilter, counts, find, find_many, latest, numbered, pages};
pub use mention::current_with;

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{WorkflowId, WorkflowVersionId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// What was saved at one time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workflow_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkflowVersionId,
    pub workspace_id: WorkspaceId,
    pub workflow_id: WorkflowId,
    /// 1 for the first, then counted up.
    pub number: i32,
    /// Nodes and edges.
    pub definition: Json,
    pub created_at: Timestamp,
    /// When it was last published.
    pub published_at: Option<Timestamp>,
}

/// A version as it is stored.
pub type WorkflowVersion = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
