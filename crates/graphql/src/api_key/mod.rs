//! API keys.

mod create;
mod list;
mod revoke;
mod rotate;
mod scope;

use async_graphql::{ID, Object};
use jackfield_storage::api_key;

use crate::scalars::DateTime;
use crate::viewer::Role;
pub use create::CreateApiKey;
pub use list::ListApiKeys;
pub use revoke::RevokeApiKey;
pub use rotate::RotateApiKey;
pub use scope::{Scope, shown};

/// A key with which a program signs in. The key itself is shown once, when it is made.
#[derive(Clone)]
pub struct ApiKey(pub api_key::ApiKey);

impl From<api_key::ApiKey> for ApiKey {
    fn from(row: api_key::ApiKey) -> Self {
        Self(row)
    }
}

/// A key with which a program signs in. The key itself is shown once, when it is made.
#[Object]
impl ApiKey {
    /// The key's id, which is not the key.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What its holder may do.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// For which integration it is; null when nobody has said so.
    async fn integration(&self) -> Option<&str> {
        self.0.integration.as_deref()
    }

    /// What of that it is limited to; null for all that its role allows.
    async fn scopes(&self) -> Option<Vec<Scope>> {
        shown(self.0.scopes())
    }

    /// The key's first characters, by which its owner recognises it.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last used, to within a minute; null when it never was.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }

    /// From when on it is refused; null when it does not expire.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When it got its present secret; null when that is its first one.
    async fn rotated_at(&self) -> Option<DateTime> {
        self.0.rotated_at.map(DateTime)
    }

    /// Until when the secret before the last rotation is accepted too; null when it has had only one.
    async fn previous_secret_valid_until(&self) -> Option<DateTime> {
        self.0.previous_until.map(DateTime)
    }

    /// When it was revoked; null when it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}
