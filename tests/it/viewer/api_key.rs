//! API keys.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, on_both_engines};
use serde_json::json;

use super::{WHO, role_of};

on_both_engines![
    the_first_start_writes_the_owners_key_for_its_owner_only,
    a_new_key_is_shown_once_and_works,
    a_revoked_key_is_refused,
    an_expired_key_is_refused,
    a_key_grants_no_more_than_its_maker_has,
    a_mistyped_key_is_refused,
];

async fn the_first_start_writes_the_owners_key_for_its_owner_only(engine: Engine) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mut jackfield = Jackfield::start(engine).await?;
    assert!(jackfield.owner_key().starts_with("jackfield_sk_"));
    let mode = std::fs::metadata(jackfield.data_dir().join("owner.key"))?
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        jackfield.owner().data(WHO).await?["viewer"]["role"],
        "OWNER"
    );

    // A later start neither makes nor prints another.
    let before = jackfield.log()?.matches("jackfield_sk_").count();
    jackfield.terminate().await?;
    jackfield.restart().await?;
    assert_eq!(jackfield.log()?.matches("jackfield_sk_").count(), before);
    assert_eq!(
        jackfield.owner().data(WHO).await?["viewer"]["role"],
        "OWNER"
    );
    jackfield.finish().await
}

async fn a_new_key_is_shown_once_and_works(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let input = json!({"name": "CI", "role": "EDITOR"});
    let payload = jackfield
        .owner()
        .succeed("createApiKey", input, "apiKey { id name role } secret")
        .await?;
    let secret = payload["secret"].as_str().unwrap_or_default();

    assert_eq!(role_of(&jackfield, secret).await?, "EDITOR");
    let keys = jackfield
        .owner()
        .data("{ apiKeys { nodes { id name role } } }")
        .await?
        .to_string();
    assert!(keys.contains("\"CI\"") && !keys.contains(secret), "{keys}");
    jackfield.finish().await
}

async fn a_revoked_key_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let input = json!({"name": "CI", "role": "VIEWER"});
    let payload = jackfield
        .owner()
        .succeed("createApiKey", input, "apiKey { id } secret")
        .await?;
    let client = jackfield
        .anonymous()
        .with_token(payload["secret"].as_str().unwrap_or_default());
    client.data(WHO).await?;

    let input = json!({"apiKeyId": payload["apiKey"]["id"]});
    jackfield
        .owner()
        .succeed("revokeApiKey", input, "apiKey { id }")
        .await?;

    let answer = client.send(WHO, json!({})).await?;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{answer:?}"
    );
    jackfield.finish().await
}

async fn an_expired_key_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let input = json!({"name": "CI", "role": "VIEWER", "expiresAt": "2020-01-01T00:00:00Z"});
    let payload = jackfield
        .owner()
        .mutate("createApiKey", input, "secret")
        .await?;
    if let Some(secret) = payload["secret"].as_str() {
        assert_eq!(
            jackfield
                .anonymous()
                .with_token(secret)
                .send(WHO, json!({}))
                .await?
                .status,
            401
        );
    } else {
        // Refusing to make such a key at all is as good.
        assert_eq!(
            payload["userErrors"][0]["field"],
            json!(["input", "expiresAt"]),
            "{payload:#}"
        );
    }
    jackfield.finish().await
}

async fn a_key_grants_no_more_than_its_maker_has(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let admin = super::client_of(&jackfield, "ADMIN").await?;
    let answer = admin
        .try_mutate(
            "createApiKey",
            json!({"name": "up", "role": "OWNER"}),
            "secret",
        )
        .await?;
    assert!(
        answer.body["data"]["createApiKey"]["secret"].is_null(),
        "{answer:?}"
    );
    assert!(answer.body.to_string().contains("FORBIDDEN"), "{answer:?}");
    jackfield.finish().await
}

async fn a_mistyped_key_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let mut mistyped = jackfield.owner_key().to_owned();
    let last = mistyped.pop();
    mistyped.push(if last == Some('a') { 'b' } else { 'a' });
    for token in [
        &*mistyped,
        "jackfield_sk_",
        "jackfield_sk_' OR 1=1 --",
        "x",
        "a.b.c",
    ] {
        let answer = jackfield
            .anonymous()
            .with_token(token)
            .send(WHO, json!({}))
            .await?;
        assert_eq!(answer.status, 401, "{token}: {answer:?}");
    }
    jackfield.finish().await
}
