//! What people have granted connected apps: tokens, and whose turn it is to refresh them.
//!
//! A refresh token often works once, so of all nodes one refreshes: it takes the lease, asks, and stores what it got before
//! anybody uses it.

mod find;
mod lease;
mod put;

pub use find::find;
pub use lease::{lease, release};
pub use put::{put, remove, renew};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{ConnectedAppId, WorkspaceId},
};

/// The tokens of an app.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app_grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: ConnectedAppId,
    pub workspace_id: WorkspaceId,
    /// The access token and what it is refreshed with, sealed.
    pub sealed: Vec<u8>,
    /// When the access token ends; never when absent.
    pub expires_at: Option<Timestamp>,
    /// Counts the tokens that there were.
    pub generation: i64,
    /// Who refreshes it.
    pub lease_owner: Option<String>,
    /// How long nobody else does.
    pub lease_until: Option<Timestamp>,
}

/// The tokens of an app, as they are stored.
pub type AppGrant = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
