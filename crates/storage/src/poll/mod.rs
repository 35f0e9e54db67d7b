//! The triggers that are asked for news: where each one is, and when it is asked next.
//!
//! Of several nodes one asks: it claims the row for a while, which is its turn, and the fence with which it did guards what it stores.
//! What a poll has found is stored with the cursor at which the next one goes on, in one transaction.

mod claim;
mod replace;
mod settle;

pub use claim::next_due;
pub use replace::replace;
pub(crate) use settle::move_on;
pub use settle::{Found, fail};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{ConnectedAppId, WorkflowId, WorkspaceId},
};

/// A trigger that is asked.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "polls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workflow_id: WorkflowId,
    /// The node's key in the definition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    pub workspace_id: WorkspaceId,
    /// The type of the node, whose plugin is asked.
    pub node_type: String,
    /// The app that the node names.
    pub app_id: Option<ConnectedAppId>,
    /// Where the next poll goes on; absent before the first.
    pub cursor: Option<Json>,
    /// How long it is from one poll to the next, in microseconds.
    pub interval: i64,
    /// How many polls in a row have failed.
    pub failures: i32,
    /// When it is asked next; while somebody asks, from when on others may.
    pub due_at: Timestamp,
    /// Counts the claims, from some high number on.
    pub fence: i64,
}

/// A trigger that is asked, as it is stored.
pub type Poll = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
