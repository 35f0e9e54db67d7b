//! The addresses at which webhooks arrive.

mod config;
mod find;

pub use config::{Encoding, Format, HookConfig, KeyEncoding, Respond, Scheme};
pub use find::{find, find_by_token, find_many, find_with_triggers, of_workflows};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{InboundHookId, WorkflowId, WorkspaceId},
};

/// The address of one trigger node. It outlives versions: the same node keeps its token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_hooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InboundHookId,
    pub workspace_id: WorkspaceId,
    pub workflow_id: WorkflowId,
    /// The trigger node's key in the definition.
    pub node_key: String,
    /// The last part of the address, unguessable.
    pub token: String,
    /// A [`HookConfig`]: the node's config without its secret.
    pub config: Json,
    /// The signing secret, sealed.
    pub sealed_secret: Option<Vec<u8>>,
    /// Whether a published version has this node.
    pub active: bool,
    pub created_at: Timestamp,
}

/// A hook as it is stored.
pub type InboundHook = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
