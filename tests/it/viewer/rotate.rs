//! API keys that get new secrets.

use anyhow::{Context, Result};
use jackfield_tests::{Client, Engine, Jackfield, on_both_engines};
use serde_json::{Value, json};

use super::WHO;

on_both_engines![
    both_secrets_work_while_they_overlap,
    without_an_overlap_the_old_secret_ends_at_once,
    a_key_that_is_over_is_not_rotated,
];

const ROTATED: &str = "secret apiKey { id name prefix rotatedAt previousSecretValidUntil }";

async fn status(client: &Client) -> Result<u16> {
    Ok(client.send(WHO, json!({})).await?.status)
}

async fn key(jackfield: &Jackfield) -> Result<(Value, Client)> {
    let input = json!({"name": "CI", "role": "EDITOR"});
    let made = jackfield
        .owner()
        .succeed("createApiKey", input, "apiKey { id prefix } secret")
        .await?;
    let secret = made["secret"].as_str().context("a new key is shown once")?;
    Ok((
        made["apiKey"]["id"].clone(),
        jackfield.anonymous().with_token(secret),
    ))
}

async fn rotate(jackfield: &Jackfield, id: &Value, overlap: &str) -> Result<(Value, Client)> {
    let input = json!({"apiKeyId": id, "overlap": overlap});
    let rotated = jackfield
        .owner()
        .succeed("rotateApiKey", input, ROTATED)
        .await?;
    let secret = rotated["secret"]
        .as_str()
        .context("a new secret is shown once")?;
    let client = jackfield.anonymous().with_token(secret);
    Ok((rotated["apiKey"].clone(), client))
}

async fn both_secrets_work_while_they_overlap(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (id, first) = key(&jackfield).await?;
    let (shown, second) = rotate(&jackfield, &id, "PT1H").await?;
    assert!(
        second
            .token()
            .unwrap_or_default()
            .starts_with(shown["prefix"].as_str().unwrap_or("?"))
    );
    assert!(
        shown["rotatedAt"].is_string() && shown["previousSecretValidUntil"].is_string(),
        "{shown:#}"
    );
    assert_eq!((status(&first).await?, status(&second).await?), (200, 200));
    // A third one ends the first, of which only the present and the one before are known.
    let (_, third) = rotate(&jackfield, &id, "PT1H").await?;
    let statuses = [
        status(&first).await?,
        status(&second).await?,
        status(&third).await?,
    ];
    assert_eq!(statuses, [401, 200, 200]);
    // Revoking ends all of them.
    jackfield
        .owner()
        .succeed("revokeApiKey", json!({"apiKeyId": id}), "apiKey { id }")
        .await?;
    assert_eq!([status(&second).await?, status(&third).await?], [401, 401]);
    jackfield.finish().await
}

async fn without_an_overlap_the_old_secret_ends_at_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (id, first) = key(&jackfield).await?;
    let minted = first
        .succeed("createSessionToken", json!({}), "token")
        .await?;
    let browser = first.with_token(minted["token"].as_str().unwrap_or_default());
    assert_eq!(status(&browser).await?, 200);
    let (_, second) = rotate(&jackfield, &id, "PT0S").await?;
    let minted = second
        .succeed("createSessionToken", json!({}), "token")
        .await?;
    let next = second.with_token(minted["token"].as_str().unwrap_or_default());
    let statuses = [
        status(&first).await?,
        status(&browser).await?,
        status(&second).await?,
        status(&next).await?,
    ];
    assert_eq!(statuses, [401, 401, 200, 200]);
    jackfield.finish().await
}

async fn a_key_that_is_over_is_not_rotated(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let (id, _) = key(&jackfield).await?;
    jackfield
        .owner()
        .succeed("revokeApiKey", json!({"apiKeyId": id}), "apiKey { id }")
        .await?;
    let refused = async |input: Value| {
        let payload = jackfield
            .owner()
            .mutate("rotateApiKey", input, "secret")
            .await?;
        Ok::<_, anyhow::Error>(payload)
    };
    assert_eq!(
        refused(json!({"apiKeyId": id})).await?,
        json!({"secret": null, "userErrors": [{
            "field": ["input", "apiKeyId"], "code": "CONFLICT",
            "message": "The key was revoked or has expired: make another one.",
        }]})
    );
    assert_eq!(
        refused(json!({"apiKeyId": id, "overlap": "P31D"})).await?["userErrors"][0]["message"],
        "An overlap is from PT0S to P30D."
    );
    jackfield.finish().await
}
