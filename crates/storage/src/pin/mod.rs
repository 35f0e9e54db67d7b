//! Outputs that nodes of a draft have in its test runs, instead of being executed.

mod find;
mod write;

pub use find::{of_workflow, of_workflows};
pub use write::{put, remove};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{WorkflowId, WorkspaceId},
};

/// What a node of a workflow's draft returns in test runs.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pins")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workflow_id: WorkflowId,
    /// The node's key in the draft.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    pub workspace_id: WorkspaceId,
    pub output: Json,
    /// The port at which the node leaves.
    pub port: String,
    pub created_at: Timestamp,
}

/// A pin as it is stored.
pub type Pin = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
