//! Sessions: refreshed, ended, followed.

use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use jackfield_tests::jwt::SigningKey;
use jackfield_tests::stripe::unix_now;
use jackfield_tests::{Engine, Jackfield, SESSION, Setup, SignedIn, Socket, on_both_engines};
use serde_json::{Value, json};

use super::{OVER, WHO, refusals, standing};

on_both_engines![
    a_refresh_token_works_once,
    a_refresh_token_that_comes_back_ends_the_session,
    a_session_ends_with_everything_that_follows_something_in_it,
    another_password_ends_the_other_sessions,
    a_made_up_session_token_is_refused,
];

const REFUSED: &str =
    "input.refreshToken INVALID: This refresh token is not accepted: sign in again.";

fn token(text: &str) -> Value {
    json!({"refreshToken": text})
}

async fn a_refresh_token_works_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let ada = jackfield.owner().join("ada@example.com", "EDITOR").await?;
    let anonymous = jackfield.anonymous();
    let mut refresh_token = ada.refresh_token.clone();
    for _ in 0..3 {
        let payload = anonymous
            .succeed("refreshSession", token(&refresh_token), SESSION)
            .await?;
        let next = SignedIn::of(&anonymous, &payload)?;
        assert_eq!(next.id, ada.id);
        assert_ne!(next.refresh_token, refresh_token);
        assert_eq!(next.client.data(WHO).await?["viewer"]["role"], "EDITOR");
        refresh_token = next.refresh_token;
    }
    // A token of the right form whose session is another one, or none.
    let bob = jackfield.owner().join("bob@example.com", "EDITOR").await?;
    let (prefix, id) = ("jackfield_rt_".len(), 26);
    let mixed = format!(
        "{}{}",
        &bob.refresh_token[..prefix + id],
        &refresh_token[prefix + id..]
    );
    for wrong in [
        mixed.as_str(),
        "jackfield_rt_",
        "x",
        &refresh_token[1..],
        &bob.token,
    ] {
        assert_eq!(
            refusals(&anonymous, "refreshSession", token(wrong)).await?,
            [REFUSED],
            "{wrong}"
        );
    }
    // None of that has ended anything.
    bob.client.data(WHO).await?;
    anonymous
        .succeed("refreshSession", token(&refresh_token), SESSION)
        .await?;
    jackfield.finish().await
}

async fn a_refresh_token_that_comes_back_ends_the_session(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let ada = jackfield.owner().join("ada@example.com", "EDITOR").await?;
    let other = jackfield.anonymous().sign_in("ada@example.com").await?;
    let anonymous = jackfield.anonymous();
    let payload = anonymous
        .succeed("refreshSession", token(&ada.refresh_token), SESSION)
        .await?;
    let next = SignedIn::of(&anonymous, &payload)?;
    assert_eq!(
        refusals(&anonymous, "refreshSession", token(&ada.refresh_token)).await?,
        [REFUSED]
    );
    assert_eq!(standing(&next.client).await?, (401, json!(OVER)));
    assert_eq!(standing(&ada.client).await?, (401, json!(OVER)));
    assert_eq!(
        refusals(&anonymous, "refreshSession", token(&next.refresh_token)).await?,
        [REFUSED]
    );
    other.client.data(WHO).await?;
    jackfield.finish().await
}

async fn a_session_ends_with_everything_that_follows_something_in_it(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let ada = jackfield.owner().join("ada@example.com", "EDITOR").await?;
    let url = jackfield.url("/graphql");
    let mut socket = Socket::connect(&url, &ada.token).await?;
    let stream = reqwest::Client::new()
        .post(&url)
        .bearer_auth(&ada.token)
        .header("accept", "text/event-stream")
        .json(&json!({"query": "subscription { events { cursor } }"}))
        .send()
        .await?;
    let mut stream = stream.bytes_stream();

    ada.client
        .succeed("signOut", json!({}), "__typename")
        .await?;

    let code = tokio::time::timeout(Duration::from_secs(5), socket.close_code()).await??;
    assert_eq!(code, 4403);
    let rest = async {
        let mut last = Vec::new();
        while let Some(Ok(bytes)) = stream.next().await {
            last.extend_from_slice(&bytes);
        }
        String::from_utf8_lossy(&last).into_owned()
    };
    let rest = tokio::time::timeout(Duration::from_secs(5), rest).await?;
    // It breaks off: a client that was told `complete` would take the subscription for answered, and not ask for another token.
    assert!(!rest.contains("event: complete"), "{rest}");
    assert_eq!(standing(&ada.client).await?, (401, json!(OVER)));
    assert_eq!(
        refusals(
            &jackfield.anonymous(),
            "refreshSession",
            token(&ada.refresh_token)
        )
        .await?,
        [REFUSED]
    );
    // An API key has no session that it could end.
    let only = " FORBIDDEN: Only a user who has signed in here can do this.";
    assert_eq!(
        refusals(&jackfield.owner(), "signOut", json!({})).await?,
        [only]
    );
    jackfield.finish().await
}

async fn another_password_ends_the_other_sessions(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let ada = jackfield.owner().join("ada@example.com", "EDITOR").await?;
    let other = jackfield.anonymous().sign_in("ada@example.com").await?;
    let change = |current: &str, new: &str| json!({"currentPassword": current, "newPassword": new});
    assert_eq!(
        refusals(
            &ada.client,
            "changePassword",
            change("not this one, no", "quite another password")
        )
        .await?,
        ["input.currentPassword INVALID: this is not your present password"]
    );
    assert_eq!(
        refusals(
            &ada.client,
            "changePassword",
            change(SignedIn::PASSWORD, "short")
        )
        .await?,
        ["input.newPassword INVALID: a password has at least 12 characters"]
    );
    let input = change(SignedIn::PASSWORD, "quite another password");
    ada.client
        .succeed("changePassword", input, "__typename")
        .await?;
    ada.client.data(WHO).await?;
    assert_eq!(standing(&other.client).await?, (401, json!(OVER)));
    let old = json!({"email": "ada@example.com", "password": SignedIn::PASSWORD});
    assert_eq!(
        refusals(&jackfield.anonymous(), "signIn", old).await?,
        [" INVALID: The e-mail address or the password is wrong."]
    );
    let new = json!({"email": "ada@example.com", "password": "quite another password"});
    let payload = jackfield
        .anonymous()
        .succeed("signIn", new, SESSION)
        .await?;
    let again = SignedIn::of(&jackfield.anonymous(), &payload)?;
    let everywhere = json!({"everywhere": true});
    again
        .client
        .succeed("signOut", everywhere, "__typename")
        .await?;
    assert_eq!(standing(&ada.client).await?, (401, json!(OVER)));
    jackfield.finish().await
}

const SECRET: &str = "a session secret of at least thirty-two bytes";

async fn a_made_up_session_token_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Setup::new(engine)?
        .environment("JACKFIELD_SESSION_SECRET", SECRET)
        .start()
        .await?;
    let ada = jackfield.owner().join("ada@example.com", "VIEWER").await?;
    let bob = jackfield.owner().join("bob@example.com", "OWNER").await?;
    let good = payload(&ada.token)?;
    let key = SigningKey::hs256(SECRET.as_bytes());
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let role = async |token: String| {
        let client = jackfield.anonymous().with_token(token);
        super::standing(&client).await
    };
    assert_eq!(
        role(key.token(&good)?).await?.0,
        200,
        "the secret is the right one"
    );
    let tokens = [
        ("of another user", key.token(&with("sub", json!(bob.id)))?),
        (
            "in another workspace",
            key.token(&with("ws", json!("ws_01HF7YAT00000000000000001A")))?,
        ),
        (
            "of no session",
            key.token(&with("sid", json!("ses_01HF7YAT00000000000000001A")))?,
        ),
        ("without a session", key.token(&with("sid", Value::Null))?),
        (
            "for nobody",
            key.token(&with("sub", json!("wf_01HF7YAT00000000000000001A")))?,
        ),
        (
            "expired",
            key.token(&with("exp", json!(unix_now() - 3600)))?,
        ),
        (
            "of another issuer",
            key.token(&with("iss", json!("https://login.example.com/")))?,
        ),
        (
            "with another secret",
            SigningKey::hs256(b"another secret of at least thirty-two bytes").token(&good)?,
        ),
        ("alg none", SigningKey::unsigned().token(&good)?),
        (
            "RS256 with a key of its own",
            SigningKey::rs256("k")?.token(&good)?,
        ),
    ];
    for (why, token) in tokens {
        assert_eq!(role(token).await?.0, 401, "{why}");
    }
    // A role in the token is worth nothing: what counts is the user's.
    let client = jackfield
        .anonymous()
        .with_token(key.token(&with("role", json!("owner")))?);
    assert_eq!(client.data(WHO).await?["viewer"]["role"], "VIEWER");
    jackfield.finish().await
}

/// What a JWT says.
fn payload(token: &str) -> Result<Value> {
    use base64::Engine as _;
    let middle = token.split('.').nth(1).unwrap_or_default();
    let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(middle)?;
    Ok(serde_json::from_slice(&bytes)?)
}
