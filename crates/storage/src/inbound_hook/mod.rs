//! The addresses at which webhooks arrive.

mod config;
mod find;
mod write;

pub use config::{Encoding, Format, HookConfig, KeyEncoding, Respond, Scheme};
pub use find::{Found, find, find_by_token, find_many, find_target, of_apps, of_workflows};
pub use write::{change, insert, new_token, removed};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{ConnectedAppId, InboundHookId, WorkflowId, WorkspaceId},
};

/// The address of one trigger node, or of one connected app. It outlives versions: the same node keeps its token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_hooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InboundHookId,
    pub workspace_id: WorkspaceId,
    /// The workflow of the trigger node; none for the hook of an app.
    pub workflow_id: Option<WorkflowId>,
    /// The trigger node's key in the definition; none for the hook of an app.
    pub node_key: Option<String>,
    /// The last part of the address, unguessable.
    pub token: String,
    /// A [`HookConfig`]: the node's config without its secret.
    pub config: Json,
    /// The signing secret, sealed.
    pub sealed_secret: Option<Vec<u8>>,
    /// Whether a published version has this node; for the hook of an app, whether it was switched on.
    pub active: bool,
    pub created_at: Timestamp,
    /// The connected app that it belongs to; none for that of a trigger node.
    pub connected_app_id: Option<ConnectedAppId>,
    /// The token that `token` has replaced.
    pub previous_token: Option<String>,
    /// Until when that one is good as well.
    pub previous_token_until: Option<Timestamp>,
    /// The log position of the last change that was told by itself.
    pub revision: i64,
}

/// A hook as it is stored.
pub type InboundHook = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
