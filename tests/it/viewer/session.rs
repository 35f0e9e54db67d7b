//! Session tokens: JWTs that this server signs itself.

use anyhow::Result;
use jackfield_tests::jwt::SigningKey;
use jackfield_tests::stripe::unix_now;
use jackfield_tests::{Engine, Jackfield, Setup, on_both_engines};
use serde_json::{Value, json};

use super::{WHO, role_of};

on_both_engines![
    a_session_token_stands_for_its_key,
    a_bad_session_token_is_refused
];

const SECRET: &str = "a session secret of at least thirty-two bytes";

async fn start(engine: Engine) -> Result<Jackfield> {
    Setup::new(engine)?
        .environment("JACKFIELD_SESSION_SECRET", SECRET)
        .start()
        .await
}

/// The claims of a session of the owner's key.
async fn claims(jackfield: &Jackfield) -> Result<Value> {
    let data = jackfield
        .owner()
        .data("{ viewer { workspace { id } apiKey { id } } }")
        .await?;
    Ok(json!({
        "iss": "jackfield", "aud": "jackfield", "sub": data["viewer"]["apiKey"]["id"],
        "ws": data["viewer"]["workspace"]["id"], "role": "viewer", "iat": unix_now(), "exp": unix_now() + 600,
    }))
}

async fn a_session_token_stands_for_its_key(engine: Engine) -> Result<()> {
    let jackfield = start(engine).await?;
    let token = SigningKey::hs256(SECRET.as_bytes()).token(&claims(&jackfield).await?)?;
    assert_eq!(role_of(&jackfield, &token).await?, "VIEWER");
    jackfield.finish().await
}

async fn a_bad_session_token_is_refused(engine: Engine) -> Result<()> {
    let jackfield = start(engine).await?;
    let good = claims(&jackfield).await?;
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let key = SigningKey::hs256(SECRET.as_bytes());
    let tokens = [
        (
            "expired",
            key.token(&with("exp", json!(unix_now() - 3600)))?,
        ),
        (
            "for another audience",
            key.token(&with("aud", json!("elsewhere")))?,
        ),
        ("without an end", key.token(&with("exp", Value::Null))?),
        (
            "wrong secret",
            SigningKey::hs256(b"another secret of at least thirty-two bytes").token(&good)?,
        ),
        ("alg none", SigningKey::unsigned().token(&good)?),
        (
            "RS256 with a key of its own",
            SigningKey::rs256("k")?.token(&good)?,
        ),
    ];
    for (why, token) in tokens {
        let answer = jackfield
            .anonymous()
            .with_token(token)
            .send(WHO, json!({}))
            .await?;
        assert_eq!(answer.status, 401, "{why}: {answer:?}");
    }
    jackfield.finish().await
}
