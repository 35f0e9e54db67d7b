//! An OAuth 2.0 authorization server: a token endpoint on loopback that checks what it is asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::listen::listen;

/// A token endpoint with one client. Its tokens are `at_1`, `at_2` and so on with something behind that nobody guesses, each
/// given after a moment, so that many can wait for it.
pub struct AuthorizationServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    client: (String, String),
    proof: ClientProof,
    state: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    outage: bool,
    granted: Vec<Grant>,
    asked: usize,
}

/// Where the server looks for the client's id and secret; in no other place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientProof {
    /// HTTP Basic.
    Basic,
    /// The form.
    Body,
}

/// A token that was given.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token.
    pub token: String,
    /// The form with which it was asked for, without the client's id and secret.
    pub form: BTreeMap<String, String>,
}

pub(crate) type Form = BTreeMap<String, String>;

impl AuthorizationServer {
    /// Starts listening, for a client with this id and secret.
    pub async fn start(id: &str, secret: &str, proof: ClientProof) -> Result<Self> {
        let shared = Arc::new(Shared {
            client: (id.to_owned(), secret.to_owned()),
            proof,
            state: Mutex::default(),
        });
        let router = Router::new()
            .route("/token", post(answer))
            .with_state(Arc::clone(&shared));
        let (address, server) = listen(router).await?;
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// The token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// The tokens that were given, in their order.
    #[must_use]
    pub fn granted(&self) -> Vec<Grant> {
        self.shared.state().granted.clone()
    }

    /// How often it was asked for a token.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.shared.state().asked
    }

    /// Whether it answers 503 from now on.
    pub fn set_outage(&self, outage: bool) {
        self.shared.state().outage = outage;
    }
}

impl Drop for AuthorizationServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn proven(&self, headers: &HeaderMap, form: &mut Form) -> bool {
        let given = (form.remove("client_id"), form.remove("client_secret"));
        let basic = headers.get(AUTHORIZATION);
        let client = (Some(self.client.0.clone()), Some(self.client.1.clone()));
        match self.proof {
            ClientProof::Body => basic.is_none() && given == client,
            ClientProof::Basic => {
                let basic = basic.and_then(|value| value.to_str().ok());
                given == (None, None) && basic.and_then(user) == client.0.zip(client.1)
            }
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut form = decode(&body);
    let proven = shared.proven(&headers, &mut form);
    let mut state = shared.state();
    state.asked += 1;
    let error = |status: StatusCode, error: &str| {
        // Some servers repeat what they were sent.
        let said = format!("{body} {headers:?}");
        let answer = json!({"error": error, "error_description": said});
        (status, answer.to_string()).into_response()
    };
    if state.outage {
        return error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    }
    let content_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    if content_type != Some(b"application/x-www-form-urlencoded") {
        return error(StatusCode::BAD_REQUEST, "invalid_request");
    }
    if !proven {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if form.get("grant_type").map(String::as_str) != Some("client_credentials") {
        return error(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let number = state.granted.len() + 1;
    let token = format!(
        "at_{number}_{:x}",
        std::process::id().wrapping_mul(2_654_435_761)
    );
    state.granted.push(Grant {
        token: token.clone(),
        form,
    });
    let answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600});
    answer.to_string().into_response()
}

/// User and password of HTTP Basic, each form-encoded as RFC 6749, section 2.3.1 has it.
pub(crate) fn user(header: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    let form = decode(&format!("id={id}&secret={secret}"));
    Some((form.get("id")?.clone(), form.get("secret")?.clone()))
}

pub(crate) fn decode(form: &str) -> Form {
    let url = reqwest::Url::parse(&format!("http://form/?{form}"));
    url.map(|url| url.query_pairs().into_owned().collect())
        .unwrap_or_default()
}
