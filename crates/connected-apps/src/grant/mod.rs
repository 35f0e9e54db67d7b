//! Access that a person grants: the authorization code grant of RFC 6749, section 4.1, with PKCE (RFC 7636).
//!
//! - [`ConnectedApps::start_oauth`] makes the URL to which the person is sent. What has to be known again when they come back is
//!   a row, found by the hash of the `state`, good for one return within ten minutes.
//! - [`ConnectedApps::complete_oauth`] exchanges the code they come back with and stores the tokens, sealed.
//!   Where the provider wants it, the token is exchanged for another one first, such as that of a page.
//! - Steps use the access token ([`Grants`]). It is refreshed shortly before it ends, by one node: a lease in the database says
//!   which, for providers give refresh tokens that work once. What was got is stored before it is used; it is not lost when
//!   whoever wanted it is gone, or when the database is away for a while.

mod complete;
mod exchange;
mod give_back;
mod hold;
mod keep;
mod start;

use std::{collections::BTreeMap, sync::Arc};

use jackfield_plugin_host::{
    Provider,
    messages::{Injection, TokenExchange},
};
use jackfield_storage::ids::ConnectedAppId;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex as AsyncMutex;
use url::Url;
use zeroize::Zeroizing;

pub use complete::{Callback, Completed, OAuthError};
pub use start::StartedOAuth;

use crate::{
    Client, ClientProof, Secret,
    credentials::{self, Credentials},
    injection::fill,
};
pub(crate) use hold::Owner;
use hold::Slot;

/// What tells the sealed tokens of an app from its sealed credentials.
const PART: &str = "grant";

/// Access tokens in memory, by their apps.
#[derive(Default)]
pub(crate) struct Grants(Mutex<std::collections::HashMap<ConnectedAppId, Arc<AsyncMutex<Slot>>>>);

/// What is known of a provider's authorization server, and who asks there.
pub(crate) struct AuthorizationServer {
    pub authorize_url: Url,
    pub token_url: Url,
    pub revoke_url: Option<Url>,
    pub client: Client,
    pub scope: String,
    pub parameters: BTreeMap<String, String>,
    pub keep: Vec<String>,
    pub exchanges: Vec<TokenExchange>,
}

/// Tokens in the form in which they are sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    access: String,
    refresh: Option<String>,
}

impl Grants {
    /// Forgets what an app was granted.
    pub fn forget(&self, app: &ConnectedAppId) {
        self.0.lock().remove(app);
    }

    fn slot(&self, app: ConnectedAppId) -> Arc<AsyncMutex<Slot>> {
        self.0.lock().entry(app).or_default().clone()
    }
}

/// Whether somebody has to grant access before these credentials are of use.
pub(crate) fn wants_grant(provider: &Provider, credentials: &Credentials) -> bool {
    injections(provider, credentials)
        .any(|injection| matches!(injection, Injection::OAuth2AuthorizationCode { .. }))
}

fn injections<'p>(
    provider: &'p Provider,
    credentials: &Credentials,
) -> impl Iterator<Item = &'p Injection> {
    let scheme = credentials::scheme(&provider.manifest, credentials);
    scheme.into_iter().flat_map(|scheme| &scheme.injection)
}

impl AuthorizationServer {
    /// That of an app; none when its scheme knows no grants, or an error that says which URL is none.
    pub fn of(provider: &Provider, credentials: &Credentials) -> Option<Result<Self, String>> {
        injections(provider, credentials)
            .find_map(|injection| Self::from_injection(injection, credentials))
    }

    pub fn from_injection(
        injection: &Injection,
        credentials: &Credentials,
    ) -> Option<Result<Self, String>> {
        let Injection::OAuth2AuthorizationCode {
            authorize_url,
            token_url,
            revoke_url,
            client_id,
            client_secret,
            scope,
            parameters,
            keep,
            exchanges,
        } = injection
        else {
            return None;
        };
        let url = |template: &str, what: &str| {
            fill(template, credentials)
                .parse::<Url>()
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .ok_or_else(|| format!("the {what} of the connected app is not a valid URL: correct it in the connected app"))
        };
        let secret = |template: &str| Secret::new(fill(template, credentials).to_string());
        let server = || {
            Ok(Self {
                authorize_url: url(authorize_url, "authorization URL")?,
                token_url: url(token_url, "token URL")?,
                revoke_url: revoke_url
                    .as_deref()
                    .map(|template| url(template, "revocation URL"))
                    .transpose()?,
                client: Client {
                    id: secret(client_id),
                    secret: secret(client_secret),
                    proof: ClientProof::HeaderThenBody,
                },
                scope: fill(scope, credentials).to_string(),
                parameters: parameters.clone(),
                keep: keep.clone(),
                exchanges: exchanges.clone(),
            })
        };
        Some(server())
    }
}

impl Sealed {
    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        // Two texts are always written.
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        use zeroize::Zeroize;

        self.access.zeroize();
        self.refresh.zeroize();
    }
}
