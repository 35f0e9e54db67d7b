//! From a token to a principal, the one place for every interface. Everything below it takes the principal's permits.

mod api_key;
mod bearer;
mod claims;
mod issuer;
mod known;
mod session;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use jackfield_egress::Egress;
use jackfield_graphql::{MintedKey, MintedSession, Tokens};
use jackfield_storage::access::{Actor, Principal, Role};
use jackfield_storage::ids::{ApiKeyId, WorkspaceId};
use jackfield_storage::{Clock, Store, Timestamp};

use crate::config::IssuerConfig;
use api_key::KeyText;
pub use api_key::NewKey;
pub use bearer::bearer;
use issuer::Issuers;
use known::{KnownKeys, Wanted};
use session::Session;
pub use session::Sessions;
use usage::Usage;

/// Why a token is not accepted. The texts go to the client: they help its developer and say nothing about others' keys.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The header is not `Bearer …`.
    #[error("The header Authorization must be `Bearer` followed by a token.")]
    NoBearer,
    /// An API key that this server did not issue, or mistyped.
    #[error("This is not a valid API key.")]
    UnknownKey,
    /// An API key that was revoked or has expired.
    #[error("This API key has expired or was revoked.")]
    RetiredKey,
    /// A JWT that cannot be accepted.
    #[error("This token is not accepted: {0}.")]
    Token(&'static str),
    /// The token may be good, but cannot be checked now.
    #[error("The token cannot be checked now: {0}.")]
    Unavailable(&'static str),
}

impl AuthError {
    /// The status of a response that refuses the token.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNAUTHORIZED,
        }
    }
}

/// A token that was accepted.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// Whose it is and what they may do.
    pub principal: Principal,
}

/// Checks tokens. Cheap to clone.
#[derive(Clone)]
pub struct Authenticator(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    keys: KnownKeys,
    sessions: Sessions,
    issuers: Issuers,
    usage: Usage,
}

impl Authenticator {
    /// An authenticator for the API keys in the store, the sessions that it signs itself, and the configured issuers.
    pub fn new(
        store: Store,
        sessions: Sessions,
        egress: Egress,
        issuers: Vec<IssuerConfig>,
    ) -> Self {
        let clock = store.clock().clone();
        let usage = Usage::start(store.clone());
        let issuers = Issuers::new(issuers, egress, clock.clone());
        Self(Arc::new(Inner {
            keys: KnownKeys::new(store.clone()),
            store,
            clock,
            sessions,
            issuers,
            usage,
        }))
    }

    /// Checks a token of any kind.
    ///
    /// # Errors
    ///
    /// When it is not accepted, with a reason that its holder may see.
    pub async fn authenticate(&self, token: &str) -> Result<Authenticated, AuthError> {
        let now = self.0.clock.now();
        let principal = if KeyText::looks_like(token) {
            self.api_key_holder(token, now).await?
        } else if Sessions::issued(token) {
            self.session_holder(token, now).await?
        } else {
            self.0.issuers.verify(token, now, &self.0.store).await?
        };
        Ok(Authenticated { principal })
    }

    async fn api_key_holder(&self, token: &str, now: Timestamp) -> Result<Principal, AuthError> {
        let text = KeyText::parse(token).ok_or(AuthError::UnknownKey)?;
        let found = self.0.keys.find(Wanted::Hash(text.hash())).await;
        let found = found.map_err(|error| unavailable(&error))?;
        let key = found.ok_or(AuthError::UnknownKey)?;
        if !key.is_valid(now) {
            return Err(AuthError::RetiredKey);
        }
        self.0.usage.note(key.workspace_id, key.id, now);
        Ok(key.principal())
    }

    /// A session is as good as the key that minted it: it ends when the key is revoked, and never exceeds the key's role.
    async fn session_holder(&self, token: &str, now: Timestamp) -> Result<Principal, AuthError> {
        let session = self.0.sessions.verify(token, now)?;
        let Session {
            workspace,
            key: id,
            role,
        } = session;
        let found = self.0.keys.find(Wanted::Id(workspace, id)).await;
        let key = found
            .map_err(|error| unavailable(&error))?
            .filter(|key| key.is_valid(now))
            .ok_or(AuthError::RetiredKey)?;
        Ok(Principal {
            workspace,
            actor: Actor::ApiKey(id),
            role: role.min(key.role),
        })
    }
}

impl Tokens for Authenticator {
    fn api_key(&self) -> MintedKey {
        let NewKey {
            secret,
            prefix,
            hash,
        } = NewKey::generate(&self.0.clock);
        MintedKey {
            secret,
            prefix,
            hash,
        }
    }

    fn session(
        &self,
        workspace: WorkspaceId,
        key: ApiKeyId,
        role: Role,
        lifetime: Duration,
    ) -> Option<MintedSession> {
        let (token, expires_at) = self.0.sessions.sign(
            Session {
                workspace,
                key,
                role,
            },
            self.0.clock.now(),
            lifetime,
        )?;
        Some(MintedSession { token, expires_at })
    }
}

fn unavailable(error: &impl std::fmt::Display) -> AuthError {
    tracing::error!(%error, "a token cannot be looked up");
    AuthError::Unavailable("the database does not answer")
}
