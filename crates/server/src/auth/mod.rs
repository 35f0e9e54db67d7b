//! From a token to a principal, the one place for every interface. Everything below it takes the principal's permits.

mod account;
mod api_key;
mod bearer;
mod claims;
mod issuer;
mod known;
mod password;
mod refresh_token;
mod secret_text;
mod session;
mod throttle;
mod usage;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use jackfield_egress::Egress;
use jackfield_graphql::{MintedInvitation, MintedKey, MintedSession, Tokens};
use jackfield_storage::access::{Actor, ManageKeys, Permit, Principal, Role};
use jackfield_storage::api_key::{self as keys, ApiKey};
use jackfield_storage::ids::{ApiKeyId, SessionId, WorkspaceId};
use jackfield_storage::user_session::{self, Standing};
use jackfield_storage::{Clock, Store, Timestamp};

use crate::config::IssuerConfig;
use api_key::KeyText;
pub use api_key::NewKey;
pub use bearer::bearer;
use issuer::Issuers;
use known::Known;
use password::Passwords;
use session::Session;
pub use session::Sessions;
use throttle::Throttle;
use usage::Usage;
pub use watch::Recheck;

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
    /// A session that was ended, or whose user may do nothing here any more.
    #[error("This session is over: sign in again.")]
    SessionOver,
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

/// By what a key is looked up.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Wanted {
    /// The SHA-256 of a secret.
    Hash(Vec<u8>),
    /// Its id, in its workspace.
    Id(WorkspaceId, ApiKeyId),
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
    keys: Known<Wanted, ApiKey>,
    standings: Known<SessionId, Standing>,
    sessions: Sessions,
    passwords: Passwords,
    throttle: Throttle,
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
            keys: Known::new(store.clone()),
            standings: Known::new(store.clone()),
            passwords: Passwords::new(clock.clone()),
            throttle: Throttle::new(clock.clone()),
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
        let hash = text.hash();
        let found = self.key(Wanted::Hash(hash.clone())).await?;
        let key = found.ok_or(AuthError::UnknownKey)?;
        if !key.accepts(&hash, now) {
            return Err(AuthError::RetiredKey);
        }
        self.0.usage.note(key.workspace_id, key.id, now);
        Ok(key.principal())
    }

    /// A session is as good as what stands behind it: a key, whose role it never exceeds, or a user who may do something.
    async fn session_holder(&self, token: &str, now: Timestamp) -> Result<Principal, AuthError> {
        match self.0.sessions.verify(token, now)? {
            Session::Key {
                workspace,
                key: id,
                role,
                issued,
            } => {
                let found = self.key(Wanted::Id(workspace, id)).await?;
                let key = found
                    .filter(|key| key.stands_behind(issued, now))
                    .ok_or(AuthError::RetiredKey)?;
                let principal = key.principal();
                Ok(Principal {
                    role: role.min(key.role),
                    ..principal
                })
            }
            Session::User {
                workspace,
                user,
                session,
            } => {
                let read = async |store: Store, id| user_session::find(store.reader(), id).await;
                let found = self.0.standings.find(session, read).await;
                let found = found.map_err(|error| unavailable(&error))?;
                found
                    .and_then(|standing| standing.principal(now))
                    .filter(|principal| {
                        principal.workspace == workspace && principal.actor == Actor::User(user)
                    })
                    .ok_or(AuthError::SessionOver)
            }
        }
    }

    async fn key(&self, wanted: Wanted) -> Result<Option<Arc<ApiKey>>, AuthError> {
        let read = async |store: Store, wanted| match wanted {
            Wanted::Hash(hash) => keys::find_by_hash(store.reader(), &hash).await,
            Wanted::Id(workspace, id) => {
                let permit = Permit::<ManageKeys>::system(workspace, "auth");
                keys::find(store.reader(), &permit, id).await
            }
        };
        let found = self.0.keys.find(wanted, read).await;
        found.map_err(|error| unavailable(&error))
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

    fn invitation(&self) -> MintedInvitation {
        let token = account::invitation_token(&self.0.clock);
        let hash = account::token_hash(&token);
        MintedInvitation { token, hash }
    }

    fn password_reset(&self) -> MintedInvitation {
        let token = account::reset_token(&self.0.clock);
        let hash = account::token_hash(&token);
        MintedInvitation { token, hash }
    }

    fn session(
        &self,
        workspace: WorkspaceId,
        key: ApiKeyId,
        role: Role,
        lifetime: Duration,
    ) -> Option<MintedSession> {
        let now = self.0.clock.now();
        let session = Session::Key {
            workspace,
            key,
            role,
            issued: now,
        };
        let (token, expires_at) = self.0.sessions.sign(session, now, lifetime)?;
        Some(MintedSession { token, expires_at })
    }
}

fn unavailable(error: &impl std::fmt::Display) -> AuthError {
    tracing::error!(%error, "a token cannot be looked up");
    AuthError::Unavailable("the database does not answer")
}
