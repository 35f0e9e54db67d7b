//! An OAuth 2.0 authorization server where a person grants access, and the API that the access is to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::authorization_server::{Form, decode, user};
use crate::listen::listen;

/// One client, `client` with the secret `s3cret&more`. Access tokens are `at_1`, `at_2` and so on, refresh tokens `rt_1`, …; a
/// refresh token works once, and one that is used twice ends all access, as the security best practice (RFC 9700, section
/// 4.14) has it.
pub struct ConsentServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shared(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    lifetime: u64,
    outage: bool,
    codes: BTreeMap<String, Form>,
    refresh: BTreeSet<String>,
    access: BTreeSet<String>,
    given: usize,
    refreshes: usize,
    revoked: Vec<String>,
    asked: Vec<Form>,
}

impl ConsentServer {
    /// Starts listening. Access tokens last for an hour.
    pub async fn start() -> Result<Self> {
        let shared = Arc::new(Shared::default());
        shared.state().lifetime = 3600;
        let router = Router::new()
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/revoke", post(revoke))
            .route("/api", get(api))
            .with_state(Arc::clone(&shared));
        let (address, server) = listen(router).await?;
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// A URL of the server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Goes where a person is sent, and says yes. Returns where they come out.
    pub async fn grant(&self, authorization_url: &str) -> Result<reqwest::Response> {
        Ok(reqwest::get(authorization_url).await?)
    }

    /// How long access tokens last from now on.
    pub fn set_lifetime(&self, seconds: u64) {
        self.shared.state().lifetime = seconds;
    }

    /// Whether the token endpoint answers 503 from now on.
    pub fn set_outage(&self, outage: bool) {
        self.shared.state().outage = outage;
    }

    /// Ends all access, as a person does who withdraws it.
    pub fn withdraw(&self) {
        let mut state = self.shared.state();
        state.access.clear();
        state.refresh.clear();
    }

    /// Ends the access tokens, but not what they are refreshed with.
    pub fn end_access(&self) {
        self.shared.state().access.clear();
    }

    /// How often a refresh token was used.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.shared.state().refreshes
    }

    /// What the authorization endpoint was asked, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Form> {
        self.shared.state().asked.clone()
    }

    /// The tokens that were given back.
    #[must_use]
    pub fn revoked(&self) -> Vec<String> {
        self.shared.state().revoked.clone()
    }
}

impl Drop for ConsentServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn give(&mut self) -> Response {
        self.given += 1;
        let (access, refresh) = (format!("at_{}", self.given), format!("rt_{}", self.given));
        self.access.insert(access.clone());
        self.refresh.insert(refresh.clone());
        let answer = json!({
            "access_token": access, "refresh_token": refresh,
            "token_type": "Bearer", "expires_in": self.lifetime,
        });
        answer.to_string().into_response()
    }
}

/// The person says yes at once.
async fn authorize(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let form = decode(&query.unwrap_or_default());
    let mut state = shared.state();
    state.asked.push(form.clone());
    let code = format!("code_{}", state.asked.len());
    state.codes.insert(code.clone(), form.clone());
    match back(&form, &code) {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

fn back(form: &Form, code: &str) -> Result<String> {
    let redirect = form.get("redirect_uri").context("no redirect_uri")?;
    let mut url = reqwest::Url::parse(redirect)?;
    url.query_pairs_mut()
        .append_pair("code", code)
        .append_pair("state", form.get("state").context("no state")?)
        .append_pair("realmId", "4711");
    Ok(url.into())
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    // Long enough for many to come at once.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let form = decode(&body);
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let mut state = shared.state();
    let error = |status: StatusCode, error: &str| {
        (status, json!({"error": error}).to_string()).into_response()
    };
    if state.outage {
        return error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    }
    if client(&headers).as_deref() != Some("client") {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let granted = match field("grant_type").as_str() {
        "authorization_code" => state.codes.remove(&field("code")).is_some_and(|asked| {
            let challenge =
                URL_SAFE_NO_PAD.encode(digest(&SHA256, field("code_verifier").as_bytes()));
            asked.get("code_challenge") == Some(&challenge)
                && asked.get("redirect_uri") == Some(&field("redirect_uri"))
        }),
        "refresh_token" => {
            state.refreshes += 1;
            let known = state.refresh.remove(&field("refresh_token"));
            if !known {
                state.access.clear();
                state.refresh.clear();
            }
            known
        }
        _ => return error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    match granted {
        true => state.give(),
        false => error(StatusCode::BAD_REQUEST, "invalid_grant"),
    }
}

async fn revoke(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    let form = decode(&body);
    let token = form.get("token").cloned().unwrap_or_default();
    shared.state().revoked.push(token);
    StatusCode::OK
}

async fn api(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
    match token {
        Some(token) if shared.state().access.contains(token) => {
            json!({"access": true}).to_string().into_response()
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The client that has proven itself.
fn client(headers: &HeaderMap) -> Option<String> {
    let basic = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (id, secret) = user(basic)?;
    (secret == "s3cret&more").then_some(id)
}
