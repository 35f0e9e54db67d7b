//! API keys. The key itself is never stored, only its SHA-256.

mod create;
mod find;
mod revoke;

pub use create::{NewApiKey, create};
pub use find::{count, find, find_by_hash, list, touch};
pub use revoke::revoke;

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    access::{Actor, Principal, Role},
    ids::{ApiKeyId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// A key with which a program signs in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// The first characters of the key, by which its owner recognises it.
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub hash: Vec<u8>,
    pub created_at: Timestamp,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When somebody revoked it.
    pub revoked_at: Option<Timestamp>,
}

/// A key as it is stored.
pub type ApiKey = Model;

impl Model {
    /// Whether the key is accepted at `now`: neither revoked nor expired.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// The caller that presents this key.
    pub fn principal(&self) -> Principal {
        Principal {
            workspace: self.workspace_id,
            actor: Actor::ApiKey(self.id),
            role: self.role,
        }
    }
}

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
