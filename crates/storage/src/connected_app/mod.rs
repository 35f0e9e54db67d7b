//! Connected apps: sealed credentials for a provider.

mod find;

pub use find::{count, find, find_many, list, named};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{ConnectedAppId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// Credentials for a provider, and how to use them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connected_apps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConnectedAppId,
    pub workspace_id: WorkspaceId,
    /// The provider's name, such as `stripe`.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// Whether steps may use it.
    pub active: bool,
    /// The credentials, sealed.
    pub sealed: Vec<u8>,
    /// What may be shown of the credentials: the last characters.
    pub masked: String,
    /// What is not secret, such as `origins`.
    pub settings: Json,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The log position of the last change.
    pub revision: i64,
    /// How many requests may be made with the credentials in `rate_per`; these three are set together or not at all.
    pub rate_requests: Option<i32>,
    /// In microseconds.
    pub rate_per: Option<i64>,
    /// How many of them may be made at once.
    pub rate_burst: Option<i32>,
}

/// A connected app as it is stored.
pub type ConnectedApp = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
