//! Credentials by reference: the node names a connected app, the host puts the secret on the request.

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, on_both_engines, step};
use serde_json::{Value, json};

use super::{call_as, connect};

on_both_engines![
    bearer,
    api_key_in_a_header,
    api_key_in_the_query,
    basic,
    oauth2_client_credentials,
    an_expired_token_is_fetched_again_once,
    credentials_do_not_follow_a_redirect_to_another_origin,
    credentials_stay_with_the_hosts_of_the_app,
    an_inactive_app_is_not_used,
];

async fn bearer(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let app = connect(&jackfield, json!({"scheme": "bearer", "token": "tok_1"})).await?;
    call_as(&jackfield, &app, json!({"url": outside.url("/")})).await?;

    assert_eq!(
        outside.requests()[0].header("authorization"),
        "Bearer tok_1"
    );
    jackfield.finish().await
}

async fn api_key_in_a_header(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let key = json!({"scheme": "api_key", "name": "X-Api-Key", "value": "k_1", "in": "header"});
    let app = connect(&jackfield, key).await?;
    call_as(&jackfield, &app, json!({"url": outside.url("/")})).await?;

    assert_eq!(outside.requests()[0].header("x-api-key"), "k_1");
    jackfield.finish().await
}

async fn api_key_in_the_query(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let key = json!({"scheme": "api_key", "name": "access_token", "value": "k&1", "in": "query"});
    let app = connect(&jackfield, key).await?;
    let run = call_as(&jackfield, &app, json!({"url": outside.url("/?page=2")})).await?;

    assert_eq!(outside.requests()[0].query, "page=2&access_token=k%261");
    assert!(!run.to_string().contains("k%261"), "{run:#}");
    jackfield.finish().await
}

async fn basic(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let app = connect(
        &jackfield,
        json!({"scheme": "basic", "username": "ada", "password": "pä:ss"}),
    )
    .await?;
    call_as(&jackfield, &app, json!({"url": outside.url("/")})).await?;

    let expected = format!("Basic {}", BASE64_STANDARD.encode("ada:pä:ss"));
    assert_eq!(outside.requests()[0].header("authorization"), expected);
    jackfield.finish().await
}

fn client(outside: &Receiver) -> Value {
    json!({
        "scheme": "oauth2_client_credentials", "tokenUrl": outside.url("/token"),
        "clientId": "jackfield", "clientSecret": "cs_1", "scope": "read write",
    })
}

fn token(value: &str) -> Reply {
    Reply::json(
        200,
        &json!({"access_token": value, "token_type": "Bearer", "expires_in": 3600}),
    )
}

async fn oauth2_client_credentials(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/token", [token("at_1")]);
    let jackfield = Jackfield::start(engine).await?;
    let app = connect(&jackfield, client(&outside)).await?;
    for _ in 0..3 {
        let run = call_as(&jackfield, &app, json!({"url": outside.url("/api")})).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }

    let asked = outside.requests_to("/token");
    assert_eq!(asked.len(), 1, "the token is kept while it is valid");
    assert!(
        asked[0].text().contains("grant_type=client_credentials"),
        "{}",
        asked[0].text()
    );
    assert!(
        asked[0].text().contains("scope=read+write"),
        "{}",
        asked[0].text()
    );
    let called = outside.requests_to("/api");
    assert!(
        called
            .iter()
            .all(|request| request.header("authorization") == "Bearer at_1"),
        "{called:#?}"
    );
    jackfield.finish().await
}

async fn an_expired_token_is_fetched_again_once(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/token", [token("at_1"), token("at_2")]);
    outside.answer("/api", [Reply::json(401, &json!({})), Reply::default()]);
    let jackfield = Jackfield::start(engine).await?;
    let app = connect(&jackfield, client(&outside)).await?;
    let run = call_as(&jackfield, &app, json!({"url": outside.url("/api")})).await?;

    assert_eq!(step(&run, "call")["output"]["status"], 200, "{run:#}");
    let seen: Vec<_> = outside
        .requests_to("/api")
        .iter()
        .map(|it| it.header("authorization").to_owned())
        .collect();
    assert_eq!(seen, ["Bearer at_1", "Bearer at_2"]);
    jackfield.finish().await
}

async fn credentials_do_not_follow_a_redirect_to_another_origin(engine: Engine) -> Result<()> {
    let (outside, elsewhere) = (Receiver::start().await?, Receiver::start().await?);
    outside.answer("/", [Reply::redirect(307, &elsewhere.url("/"))]);
    let jackfield = Jackfield::start(engine).await?;
    let app = connect(&jackfield, json!({"scheme": "bearer", "token": "tok_1"})).await?;
    call_as(&jackfield, &app, json!({"url": outside.url("/")})).await?;

    assert_eq!(
        outside.requests()[0].header("authorization"),
        "Bearer tok_1"
    );
    assert!(
        elsewhere
            .requests()
            .iter()
            .all(|request| request.header("authorization").is_empty())
    );
    jackfield.finish().await
}

async fn credentials_stay_with_the_hosts_of_the_app(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let input = json!({
        "provider": "http", "name": "Partner", "credentials": {"scheme": "bearer", "token": "tok_1"},
        "settings": {"hosts": ["api.partner.example"]},
    });
    let payload = jackfield
        .owner()
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let app = payload["connectedApp"]["id"].as_str().unwrap_or_default();
    let run = call_as(&jackfield, app, json!({"url": outside.url("/")})).await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert!(
        outside.requests().is_empty(),
        "a request left with or without the credential"
    );
    jackfield.finish().await
}

async fn an_inactive_app_is_not_used(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let app = connect(&jackfield, json!({"scheme": "bearer", "token": "tok_1"})).await?;
    let input = json!({"connectedAppId": app, "active": false});
    jackfield
        .owner()
        .succeed("setConnectedAppActive", input, "connectedApp { id active }")
        .await?;
    let run = call_as(&jackfield, &app, json!({"url": outside.url("/")})).await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert!(outside.requests().is_empty());
    jackfield.finish().await
}
