//! Workflows. Their definitions are in the versions.

mod find;

pub use find::{WorkflowFilter, changes_after, count, find, find_many, list, named};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{WorkflowId, WorkflowVersionId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// A workflow across all its versions.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workflows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkflowId,
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// The version that was saved last.
    pub draft_version_id: Option<WorkflowVersionId>,
    /// The version that triggers start, if any.
    pub published_version_id: Option<WorkflowVersionId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it was deleted. Finders leave out what is deleted; runs still refer to it.
    pub deleted_at: Option<Timestamp>,
    /// The log position of the last change.
    pub revision: i64,
}

/// A workflow as it is stored.
pub type Workflow = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
