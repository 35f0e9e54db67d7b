//! Tokens from a real server on loopback.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router, extract::State, http::HeaderMap, http::header::AUTHORIZATION, response::IntoResponse,
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_egress::EgressConfig;
use jackfield_plugin_host::messages::CallError;
use jackfield_storage::ids::ConnectedAppId;
use serde_json::json;

use super::*;

/// A token endpoint that numbers its tokens and remembers what it was asked.
#[derive(Clone)]
struct Server(Arc<Inner>);

struct Inner {
    asked: Mutex<Vec<(String, String)>>,
    reads: Place,
    lifetime: serde_json::Value,
    broken: bool,
}

struct Setting {
    tokens: Tokens<ConnectedAppId>,
    clock: Clock,
    server: Server,
    url: url::Url,
    proof: ClientProof,
    audience: &'static str,
    app: ConnectedAppId,
}

impl Setting {
    async fn new(reads: Place, lifetime: serde_json::Value, broken: bool) -> Self {
        let server = Server(Arc::new(Inner {
            asked: Mutex::default(),
            reads,
            lifetime,
            broken,
        }));
        let address = server.clone().listen().await;
        let egress = EgressConfig {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            ..EgressConfig::default()
        };
        let clock = Clock::manual(Timestamp::EPOCH);
        let url = format!("http://{address}/token");
        Self {
            tokens: Tokens::new(Egress::new(egress).unwrap(), clock.clone()),
            app: clock.id(),
            clock,
            server,
            url: url.parse().unwrap(),
            proof: ClientProof::HeaderThenBody,
            audience: "",
        }
    }

    async fn get(&self, revision: i64) -> Result<String, CallError> {
        let client = Client {
            id: Secret::new("id&1".into()),
            secret: Secret::new("secret:1".into()),
            proof: self.proof,
        };
        let url = self.url.clone();
        let request = TokenRequest::client_credentials(url, client, "read write", self.audience);
        let token = self.tokens.get(self.app, revision, || Ok(request)).await?;
        Ok(token.expose().to_owned())
    }
}

impl Server {
    async fn listen(self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/token", post(answer)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn asked(&self) -> Vec<(String, String)> {
        self.0.asked.lock().clone()
    }
}

async fn answer(
    State(server): State<Server>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let proof = headers
        .get(AUTHORIZATION)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let number = {
        let mut asked = server.0.asked.lock();
        asked.push((proof.clone(), String::from_utf8(body.to_vec()).unwrap()));
        asked.len()
    };
    tokio::task::yield_now().await;
    let proven = match server.0.reads {
        Place::Header => !proof.is_empty(),
        Place::Body => proof.is_empty(),
    };
    if server.0.broken {
        let leak = json!({"error": "invalid_scope", "error_description": "secret:1 may not read"});
        return (StatusCode::BAD_REQUEST, leak.to_string());
    }
    if !proven {
        return (
            StatusCode::UNAUTHORIZED,
            json!({"error": "invalid_client"}).to_string(),
        );
    }
    let token = json!({"access_token": format!("at_{number}"), "token_type": "bearer", "expires_in": server.0.lifetime});
    (StatusCode::OK, token.to_string())
}

#[tokio::test]
async fn many_callers_share_one_token_that_was_asked_for_once() {
    let setting = Setting::new(Place::Header, json!(3600), false).await;
    let (a, b, c) = tokio::join!(setting.get(1), setting.get(1), setting.get(1));

    assert_eq!(
        [a.unwrap(), b.unwrap(), c.unwrap()],
        ["at_1", "at_1", "at_1"]
    );
    let basic = format!("Basic {}", STANDARD.encode("id%261:secret%3A1"));
    assert_eq!(
        setting.server.asked(),
        [(
            basic,
            "grant_type=client_credentials&scope=read+write".to_owned()
        )]
    );
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_expires() {
    let setting = Setting::new(Place::Header, json!("3600"), false).await;
    assert_eq!(setting.get(1).await.unwrap(), "at_1");
    setting.clock.advance(Duration::from_secs(3539));
    assert_eq!(setting.get(1).await.unwrap(), "at_1");
    setting.clock.advance(Duration::from_secs(1));
    assert_eq!(setting.get(1).await.unwrap(), "at_2");
}

#[tokio::test]
async fn a_refused_token_is_dropped_once() {
    let setting = Setting::new(Place::Header, json!(3600), false).await;
    let first = Secret::new(setting.get(1).await.unwrap());
    setting.tokens.refused(&setting.app, &first).await;
    assert_eq!(setting.get(1).await.unwrap(), "at_2");
    setting.tokens.refused(&setting.app, &first).await;
    assert_eq!(
        setting.get(1).await.unwrap(),
        "at_2",
        "the new token was not the one refused"
    );
}

#[tokio::test]
async fn new_credentials_mean_a_new_token() {
    let setting = Setting::new(Place::Header, json!(3600), false).await;
    assert_eq!(setting.get(1).await.unwrap(), "at_1");
    assert_eq!(setting.get(2).await.unwrap(), "at_2");
}

#[tokio::test]
async fn a_server_that_only_reads_the_body_gets_the_client_there() {
    let setting = Setting::new(Place::Body, json!(3600), false).await;

    assert_eq!(setting.get(1).await.unwrap(), "at_2");
    let (_, body) = setting.server.asked().remove(1);
    assert!(
        body.ends_with("&client_id=id%261&client_secret=secret%3A1"),
        "{body}"
    );
}

#[tokio::test]
async fn a_refusal_names_its_code_and_repeats_nothing_else() {
    let setting = Setting::new(Place::Header, json!(3600), true).await;
    let error = setting.get(1).await.unwrap_err();
    let port = setting.url.port().unwrap().to_string();

    insta::assert_snapshot!(error.to_string().replace(&port, "PORT"), @"TOKEN_REFUSED: the token endpoint http://127.0.0.1:PORT answered 400 with `invalid_scope`: check the client or account, its secret, and the scope");
    assert!(!error.retryable);
}

#[tokio::test]
async fn all_who_wait_are_told_of_one_failure() {
    let setting = Setting::new(Place::Header, json!(3600), true).await;
    let (a, b, c) = tokio::join!(setting.get(1), setting.get(1), setting.get(1));

    assert!(a.is_err() && b.is_err() && c.is_err());
    assert_eq!(setting.server.asked().len(), 1);
    assert!(setting.get(1).await.is_err());
    assert_eq!(setting.server.asked().len(), 2, "who comes later asks anew");
}

#[tokio::test]
async fn the_proof_goes_where_it_is_wanted_and_nowhere_else() {
    let mut setting = Setting::new(Place::Body, json!(3600), false).await;
    setting.proof = ClientProof::Header;
    assert!(setting.get(1).await.is_err());
    setting.proof = ClientProof::Body;
    setting.audience = "https://api.example/";
    assert_eq!(setting.get(1).await.unwrap(), "at_2");
    let (_, body) = setting.server.asked().remove(1);
    assert_eq!(
        body,
        "grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fapi.example%2F\
         &client_id=id%261&client_secret=secret%3A1"
    );
}
