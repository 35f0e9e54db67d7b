//! API keys. The key itself is never stored, only its SHA-256.

mod create;
mod find;
mod revoke;
mod rotate;

pub(crate) use create::insert;
pub use create::{CreateKeyError, NewApiKey, create};
pub use find::{Accepted, count, find, find_by_hash, find_many, list, touch};
pub use revoke::revoke;
pub use rotate::{Rotation, rotate};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    access::{Actor, Principal, Role, Scopes},
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
    /// For which integration it is, in the words of whoever made it.
    pub integration: Option<String>,
    /// What its holder may do.
    pub role: Role,
    /// What of that it is limited to; see [`Model::scopes`].
    pub scopes: Option<String>,
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
    /// SHA-256 of the secret before the last rotation.
    pub previous_hash: Option<Vec<u8>>,
    /// From when on that one is refused.
    pub previous_until: Option<Timestamp>,
    /// When it got its present secret, if that is not the first.
    pub rotated_at: Option<Timestamp>,
}

/// A key as it is stored.
pub type ApiKey = Model;

impl Model {
    /// Whether the key is accepted at `now`: neither revoked nor expired.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// The same for a caller with the secret that has this SHA-256.
    pub fn accepts(&self, hash: &[u8], now: Timestamp) -> bool {
        self.is_valid(now) && (hash == self.hash || self.overlaps(now))
    }

    /// The same for a token that was made with the key at `made`: it is as good as the secret of that time.
    pub fn stands_behind(&self, made: Timestamp, now: Timestamp) -> bool {
        let present = self.rotated_at.is_none_or(|rotated| made >= rotated);
        self.is_valid(now) && (present || self.overlaps(now))
    }

    /// Whether the secret before the last rotation is still accepted.
    fn overlaps(&self, now: Timestamp) -> bool {
        self.previous_until.is_some_and(|end| now < end)
    }

    /// What of its role the key is limited to.
    pub fn scopes(&self) -> Scopes {
        Scopes::of_stored(self.scopes.as_deref())
    }

    /// The caller that presents this key.
    pub fn principal(&self) -> Principal {
        Principal {
            workspace: self.workspace_id,
            actor: Actor::ApiKey(self.id),
            role: self.role,
            scopes: self.scopes(),
            session: None,
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Clock;

    #[test]
    fn an_old_secret_and_what_was_made_with_it_end_with_the_overlap() {
        let clock = Clock::manual(Timestamp::EPOCH);
        let (made, hour) = (clock.now(), Duration::from_secs(3600));
        clock.advance(hour);
        let rotated = clock.now();
        let key = ApiKey {
            id: clock.id(),
            workspace_id: clock.id(),
            name: "CI".to_owned(),
            integration: None,
            role: Role::Editor,
            scopes: None,
            prefix: String::new(),
            hash: vec![2],
            created_at: made,
            last_used_at: None,
            expires_at: None,
            revoked_at: None,
            previous_hash: Some(vec![1]),
            previous_until: Some(rotated.after(hour)),
            rotated_at: Some(rotated),
        };
        let within = rotated.after(hour / 2);
        assert!(key.accepts(&[1], within) && key.accepts(&[2], within));
        assert!(key.stands_behind(made, within));
        let after = rotated.after(hour);
        assert!(!key.accepts(&[1], after) && key.accepts(&[2], after));
        assert!(!key.stands_behind(made, after) && key.stands_behind(rotated, after));
    }
}
