//! JWTs of a configured issuer, whose keys the server fetches.

use anyhow::Result;
use jackfield_tests::jwt::SigningKey;
use jackfield_tests::stripe::unix_now;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, Setup, on_both_engines};
use serde_json::{Value, json};

use super::{WHO, role_of};

on_both_engines![
    tokens_of_each_algorithm_are_accepted,
    bad_tokens_are_refused,
    unknown_keys_do_not_make_the_server_a_nuisance,
];

fn publish_keys(issuer: &Receiver, keys: &[&SigningKey]) -> Result<()> {
    let keys = keys
        .iter()
        .map(|key| key.public_jwk())
        .collect::<Result<Vec<_>>>()?;
    issuer.answer("/jwks.json", [Reply::json(200, &json!({"keys": keys}))]);
    Ok(())
}

async fn start(engine: Engine, issuer: &Receiver) -> Result<Jackfield> {
    let setup = Setup::new(engine)?;
    let configuration = format!(
        r#"
        [[issuers]]
        issuer = "https://login.example.com/"
        audience = "jackfield"
        jwks_url = "{}"
        role_claim = "realm.roles"
        roles = {{ "desk" = "editor", "audit" = "viewer" }}
        "#,
        issuer.url("/jwks.json")
    );
    std::fs::write(setup.home().join("jackfield.toml"), configuration)?;
    setup.start().await
}

fn claims() -> Value {
    json!({
        "iss": "https://login.example.com/", "aud": ["other", "jackfield"], "sub": "ada", "exp": unix_now() + 600,
        "realm": {"roles": ["offline", "audit", "desk"]},
    })
}

async fn tokens_of_each_algorithm_are_accepted(engine: Engine) -> Result<()> {
    let issuer = Receiver::start().await?;
    let keys = [
        SigningKey::rs256("r")?,
        SigningKey::es256("e")?,
        SigningKey::eddsa("d")?,
    ];
    publish_keys(&issuer, &[&keys[0], &keys[1], &keys[2]])?;
    let jackfield = start(engine, &issuer).await?;
    for key in &keys {
        // The highest of the roles that are known counts.
        assert_eq!(role_of(&jackfield, &key.token(&claims())?).await?, "EDITOR");
    }
    assert_eq!(issuer.requests().len(), 1, "the keys are kept");
    jackfield.finish().await
}

async fn bad_tokens_are_refused(engine: Engine) -> Result<()> {
    let issuer = Receiver::start().await?;
    let key = SigningKey::rs256("r")?;
    publish_keys(&issuer, &[&key])?;
    let jackfield = start(engine, &issuer).await?;
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims
    };
    let public = key.public_jwk()?["n"].to_string();
    let tokens = [
        (
            "expired",
            key.token(&with("exp", json!(unix_now() - 3600)))?,
        ),
        (
            "not valid yet",
            key.token(&with("nbf", json!(unix_now() + 3600)))?,
        ),
        (
            "for another audience",
            key.token(&with("aud", json!("other")))?,
        ),
        (
            "of another issuer",
            key.token(&with("iss", json!("https://login.example.org/")))?,
        ),
        (
            "without a known role",
            key.token(&with("realm", json!({"roles": ["guest"]})))?,
        ),
        (
            "signed by a stranger with the same key id",
            SigningKey::rs256("r")?.token(&claims())?,
        ),
        (
            "signed by an unknown key",
            SigningKey::es256("x")?.token(&claims())?,
        ),
        (
            "HS256 with the public key as its secret",
            SigningKey::hs256(public.as_bytes()).token(&claims())?,
        ),
        ("alg none", SigningKey::unsigned().token(&claims())?),
    ];
    for (why, token) in tokens {
        let answer = jackfield
            .anonymous()
            .with_token(token)
            .send(WHO, json!({}))
            .await?;
        assert!(matches!(answer.status, 401 | 403), "{why}: {answer:?}");
        assert!(answer.body["data"]["viewer"].is_null(), "{why}: {answer:?}");
    }
    jackfield.finish().await
}

async fn unknown_keys_do_not_make_the_server_a_nuisance(engine: Engine) -> Result<()> {
    let issuer = Receiver::start().await?;
    let key = SigningKey::eddsa("known")?;
    publish_keys(&issuer, &[&key])?;
    let jackfield = start(engine, &issuer).await?;
    role_of(&jackfield, &key.token(&claims())?).await?;
    for id in ["one", "two", "three", "four"] {
        let unknown = SigningKey::eddsa(id)?.token(&claims())?;
        let answer = jackfield
            .anonymous()
            .with_token(unknown)
            .send(WHO, json!({}))
            .await?;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    assert_eq!(issuer.requests().len(), 1);
    jackfield.finish().await
}
