//! Access tokens by the client credentials grant: RFC 6749, section 4.4.

use std::{collections::HashMap, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderValue, Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use jackfield_egress::{Egress, Request};
use jackfield_plugin_host::messages::CallError;
use jackfield_storage::{Clock, Timestamp, ids::ConnectedAppId};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::Mutex as AsyncMutex;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{code, secret::Secret, settings::Settings};

/// How long a token is used whose answer names no lifetime.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);
/// A token is renewed this long before it expires, or a tenth of its lifetime before if that is shorter.
const AHEAD: Duration = Duration::from_secs(60);
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_ANSWER: usize = 256 << 10;

/// What a token endpoint is asked for.
pub(crate) struct TokenRequest {
    url: Url,
    client_id: Secret,
    client_secret: Secret,
    scope: String,
}

/// The tokens in use, one per app. An app's lock is held while its token is fetched, so that of many callers one asks and
/// the others wait for the answer.
pub(crate) struct Tokens {
    egress: Egress,
    clock: Clock,
    slots: Mutex<HashMap<ConnectedAppId, Slot>>,
}

type Slot = Arc<AsyncMutex<Option<Token>>>;

struct Token {
    access: Secret,
    /// The revision of the app whose credentials it was fetched with.
    revision: i64,
    renew_at: Timestamp,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// How the client proves itself: RFC 6749, section 2.3.1 wants the header to be supported, some servers only read the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ClientIn {
    Header,
    Body,
}

impl TokenRequest {
    pub(super) fn new(url: &str, id: &str, secret: &str, scope: &str) -> Result<Self, CallError> {
        let url = Url::parse(url).map_err(|_| {
            CallError::new(
                code::CREDENTIAL_UNUSABLE,
                "the token URL of the connected app is not a valid URL: correct it in the connected app",
            )
        })?;
        Ok(Self {
            url,
            client_id: Secret::new(id.to_owned()),
            client_secret: Secret::new(secret.to_owned()),
            scope: scope.to_owned(),
        })
    }

    /// The token endpoint, before the app's origins are looked at.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    fn http(&self, client_in: ClientIn, settings: &Settings) -> Request {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.scope.is_empty() {
            form.append_pair("scope", &self.scope);
        }
        let mut request = Request::new(Method::POST, settings.rewrite(self.url.clone()));
        match client_in {
            ClientIn::Header => {
                request.headers.insert(AUTHORIZATION, self.basic());
            }
            ClientIn::Body => {
                form.append_pair("client_id", self.client_id.expose());
                form.append_pair("client_secret", self.client_secret.expose());
            }
        }
        request.headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        request
            .headers
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        request.body = Bytes::from(form.finish());
        request.timeout = Some(TIMEOUT);
        request.max_bytes = Some(MAX_ANSWER);
        request.follow_redirects = false;
        request
    }

    /// User and password are form-encoded first, as RFC 6749, section 2.3.1 says.
    fn basic(&self) -> HeaderValue {
        let encode = |secret: &Secret| -> String {
            form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect()
        };
        let pair = Zeroizing::new(format!(
            "{}:{}",
            encode(&self.client_id),
            encode(&self.client_secret)
        ));
        let mut value =
            HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.as_bytes())))
                .expect("base64 is visible ASCII");
        value.set_sensitive(true);
        value
    }
}

impl Tokens {
    pub(crate) fn new(egress: Egress, clock: Clock) -> Self {
        Self {
            egress,
            clock,
            slots: Mutex::default(),
        }
    }

    /// The app's token, fetched when there is none that lasts.
    pub(crate) async fn get(
        &self,
        app: ConnectedAppId,
        revision: i64,
        request: &TokenRequest,
        settings: &Settings,
    ) -> Result<Secret, CallError> {
        let slot = self.slots.lock().entry(app).or_default().clone();
        let mut token = slot.lock().await;
        if let Some(token) = &*token
            && token.revision == revision
            && self.clock.now() < token.renew_at
        {
            return Ok(token.access.clone());
        }
        let fetched = self.fetch(revision, request, settings).await?;
        let access = fetched.access.clone();
        *token = Some(fetched);
        Ok(access)
    }

    /// Drops the app's token if it is still the one that was refused.
    pub(crate) async fn refused(&self, app: ConnectedAppId, refused: &Secret) {
        let Some(slot) = self.slots.lock().get(&app).cloned() else {
            return;
        };
        let mut token = slot.lock().await;
        if token
            .as_ref()
            .is_some_and(|token| token.access.expose() == refused.expose())
        {
            *token = None;
        }
    }

    /// Forgets an app that is no longer connected.
    pub(crate) fn forget(&self, app: ConnectedAppId) {
        self.slots.lock().remove(&app);
    }

    async fn fetch(
        &self,
        revision: i64,
        request: &TokenRequest,
        settings: &Settings,
    ) -> Result<Token, CallError> {
        let (mut status, mut body) = self.ask(request, ClientIn::Header, settings).await?;
        if is_invalid_client(status, &body) {
            (status, body) = self.ask(request, ClientIn::Body, settings).await?;
        }
        if !status.is_success() {
            return Err(refusal(&request.url, status, &body));
        }
        self.token(revision, request, &body)
    }

    async fn ask(
        &self,
        request: &TokenRequest,
        client_in: ClientIn,
        settings: &Settings,
    ) -> Result<(StatusCode, Bytes), CallError> {
        let answer = self
            .egress
            .send(request.http(client_in, settings))
            .await
            .map_err(|error| {
                let message = format!("no access token: {error}");
                let failed = CallError::new(error.code().as_str(), message);
                if error.code().retryable() {
                    failed.retryable()
                } else {
                    failed
                }
            })?;
        Ok((answer.status, answer.body))
    }

    fn token(
        &self,
        revision: i64,
        request: &TokenRequest,
        body: &[u8],
    ) -> Result<Token, CallError> {
        let unusable = |what: &str| {
            let place = place(&request.url);
            CallError::new(
                code::TOKEN_REFUSED,
                format!("the token endpoint {place} {what}"),
            )
        };
        let answer: Answer = serde_json::from_slice(body)
            .map_err(|_| unusable("did not answer with an access token"))?;
        if answer
            .token_type
            .is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer"))
        {
            return Err(unusable("gave a token that is no bearer token"));
        }
        let lifetime = answer
            .expires_in
            .as_ref()
            .and_then(seconds)
            .unwrap_or(DEFAULT_LIFETIME);
        let ahead = AHEAD.min(lifetime / 10);
        Ok(Token {
            access: answer.access_token,
            revision,
            renew_at: self.clock.now().after(lifetime - ahead),
        })
    }
}

/// `expires_in` is a number; some servers write it as a string.
fn seconds(value: &serde_json::Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(seconds))
}

fn is_invalid_client(status: StatusCode, body: &[u8]) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
        && serde_json::from_slice(body)
            .is_ok_and(|refusal: Refusal| refusal.error == "invalid_client")
}

/// Names the error code of RFC 6749, section 5.2, and nothing else of the answer, which might repeat what was sent.
fn refusal(url: &Url, status: StatusCode, body: &[u8]) -> CallError {
    let place = place(url);
    let known = serde_json::from_slice(body)
        .ok()
        .map(|refusal: Refusal| refusal.error)
        .filter(|error| {
            error.len() <= 40
                && error
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
    let said = known.map_or_else(String::new, |error| format!(" with `{error}`"));
    let message = format!(
        "the token endpoint {place} answered {}{said}: check client id, client secret and scope of the connected app",
        status.as_u16()
    );
    let error = CallError::new(code::TOKEN_REFUSED, message);
    let temporary = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    if temporary { error.retryable() } else { error }
}

fn place(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests;
