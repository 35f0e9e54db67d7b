//! Tokens of identity providers: JWTs signed with keys that the provider publishes.

mod key_set;
mod role;

use jackfield_egress::Egress;
use jackfield_storage::access::{Actor, Principal, Scopes};
use jackfield_storage::ids::WorkspaceId;
use jackfield_storage::{Clock, Store, Timestamp, workspace};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::decode_header;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::claims::Claims;
use super::session::verify_signature;
use super::{AuthError, unavailable};
use crate::config::IssuerConfig;
use crate::start::DEFAULT_WORKSPACE;
use key_set::KeySet;

/// The configured issuers.
pub struct Issuers {
    issuers: Vec<(IssuerConfig, KeySet)>,
    workspace: OnceCell<WorkspaceId>,
}

impl Issuers {
    pub fn new(issuers: Vec<IssuerConfig>, egress: Egress, clock: Clock) -> Self {
        let with_keys = |issuer: IssuerConfig| {
            let keys = KeySet::new(issuer.jwks_url.clone(), egress.clone(), clock.clone());
            (issuer, keys)
        };
        Self {
            issuers: issuers.into_iter().map(with_keys).collect(),
            workspace: OnceCell::new(),
        }
    }

    /// Verifies a token of a configured issuer.
    ///
    /// # Errors
    ///
    /// When no issuer fits, the signature or a claim does not, or the issuer's keys cannot be fetched.
    pub async fn verify(
        &self,
        token: &str,
        now: Timestamp,
        store: &Store,
    ) -> Result<Principal, AuthError> {
        let (issuer, keys) = self.find(token)?;
        let header = decode_header(token).map_err(|_| AuthError::Token("it is not a JWT"))?;
        let key = keys.find(header.kid.as_deref(), header.alg).await?;
        let claims = Claims::new(verify_signature(token, key.algorithm, &key.key)?);
        claims.check(&issuer.issuer, &issuer.audience, now)?;
        let subject = claims
            .text("sub")
            .ok_or(AuthError::Token("it names no subject"))?;
        let role =
            role::of(&claims, issuer).ok_or(AuthError::Token("its subject has no role here"))?;
        let workspace = self
            .workspace
            .get_or_try_init(|| default_workspace(store))
            .await?;
        Ok(Principal {
            workspace: *workspace,
            actor: Actor::Subject(subject.into()),
            role,
            scopes: Scopes::All,
            session: None,
        })
    }

    fn find(&self, token: &str) -> Result<&(IssuerConfig, KeySet), AuthError> {
        let claims: Map<String, Value> = insecure_decode_claims(token).map_err(|_| {
            AuthError::Token("it is neither an API key nor a session token nor a JWT")
        })?;
        let name = claims.get("iss").and_then(Value::as_str);
        self.issuers
            .iter()
            .find(|(issuer, _)| Some(issuer.issuer.as_str()) == name)
            .ok_or(AuthError::Token("its issuer is not configured here"))
    }
}

async fn default_workspace(store: &Store) -> Result<WorkspaceId, AuthError> {
    let found = workspace::find_by_name(store.reader(), DEFAULT_WORKSPACE)
        .await
        .map_err(|error| unavailable(&error))?;
    found
        .map(|workspace| workspace.id)
        .ok_or(AuthError::Unavailable("the workspace is missing"))
}
