//! Other ways to sign, with the vectors of the vendors' own libraries.

use anyhow::Result;
use aws_lc_rs::hmac;
use jackfield_tests::{Engine, InboundHook, Jackfield, graph, node, on_both_engines, stripe};
use serde_json::json;

on_both_engines![
    github,
    slack,
    standard_webhooks,
    secrets_are_never_read_back
];

async fn hook(jackfield: &Jackfield, config: serde_json::Value) -> Result<InboundHook> {
    let nodes = [
        node("got", "webhook", config),
        node("note", "debug", json!({"message": "{{ trigger.body }}"})),
    ];
    Ok(jackfield
        .owner()
        .publish("Note", graph(nodes, &["got -> note"]))
        .await?
        .hooks
        .remove(0))
}

async fn all_ended(jackfield: Jackfield) -> Result<()> {
    let data = jackfield.owner().data("{ runs { nodes { id } } }").await?;
    for run in data["runs"]["nodes"].as_array().into_iter().flatten() {
        jackfield
            .owner()
            .ended(run["id"].as_str().unwrap_or_default())
            .await?;
    }
    jackfield.finish().await
}

fn hmac_sha256(secret: &[u8], content: &str) -> Vec<u8> {
    hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret),
        content.as_bytes(),
    )
    .as_ref()
    .to_vec()
}

async fn github(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::with(engine, &["slack", "stripe"]).await?;
    let hook = hook(
        &jackfield,
        json!({"scheme": "github", "secret": "It's a Secret to Everybody"}),
    )
    .await?;
    // The example of GitHub's documentation signs the text `Hello, World!`, so a JSON body is signed here.
    let body = r#"{"zen":"Keep it logically awesome."}"#;
    let signature = format!(
        "sha256={}",
        hex::encode(hmac_sha256(b"It's a Secret to Everybody", body))
    );
    let good = [
        ("x-hub-signature-256", &*signature),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    ];
    assert_eq!(hook.post(&good, body).await?.status, 200);
    assert_eq!(hook.post(&good, format!("{body} ")).await?.status, 401);
    all_ended(jackfield).await
}

async fn slack(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::with(engine, &["slack", "stripe"]).await?;
    let secret = "8f742231b10e8888abcd99yyyzzz85a5";
    let hook = hook(&jackfield, json!({"scheme": "slack", "secret": secret})).await?;
    let now = stripe::unix_now().to_string();
    let sign = |body: &str| {
        format!(
            "v0={}",
            hex::encode(hmac_sha256(secret.as_bytes(), &format!("v0:{now}:{body}")))
        )
    };

    let challenge = r#"{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#;
    let headers = [
        ("x-slack-signature", &*sign(challenge)),
        ("x-slack-request-timestamp", &*now),
    ];
    let answer = hook.post(&headers, challenge).await?;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .text
            .contains("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"),
        "{}",
        answer.text
    );

    let event = r#"{"type":"event_callback","event_id":"Ev0PV52K21"}"#;
    let headers = [
        ("x-slack-signature", &*sign(event)),
        ("x-slack-request-timestamp", &*now),
    ];
    assert_eq!(hook.post(&headers, event).await?.status, 200);
    let headers = [
        ("x-slack-signature", &*sign(event)),
        ("x-slack-request-timestamp", "1700000000"),
    ];
    assert_eq!(hook.post(&headers, event).await?.status, 401);
    all_ended(jackfield).await
}

async fn standard_webhooks(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::with(engine, &["slack", "stripe"]).await?;
    // A secret without a scheme is one of Standard Webhooks.
    let hook = hook(&jackfield, json!({"secret": "whsec_c2VjcmV0"})).await?;
    let now = stripe::unix_now().to_string();
    let body = r#"{"a":1}"#;
    let signature = base64::Engine::encode(
        &base64::prelude::BASE64_STANDARD,
        hmac_sha256(b"secret", &format!("msg_1.{now}.{body}")),
    );
    let signature = format!("v1,bm90IHRoaXMgb25l v1,{signature}");
    let headers = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &*now),
        ("webhook-signature", &*signature),
    ];
    assert_eq!(hook.post(&headers, body).await?.status, 200);
    assert_eq!(hook.post(&headers[..2], body).await?.status, 401);
    all_ended(jackfield).await
}

async fn secrets_are_never_read_back(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::with(engine, &["slack", "stripe"]).await?;
    hook(
        &jackfield,
        json!({"scheme": "stripe", "secret": "whsec_planted_and_kept"}),
    )
    .await?;
    let document = "{ workflows { nodes { published { definition { nodes { config } } } } } }";
    let answer = jackfield.owner().data(document).await?.to_string();
    assert!(
        answer.contains("stripe") && !answer.contains("whsec_planted_and_kept"),
        "{answer}"
    );
    jackfield.finish().await
}
