//! Signing in.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Setup, SignedIn, example, on_both_engines};
use serde_json::{Value, json};

use super::{WHO, refusals};

on_both_engines![
    a_user_signs_in_with_their_password,
    a_stranger_learns_nothing,
    guessing_is_slowed_down,
    a_flood_of_sign_ins_does_not_stop_the_server,
];

#[test]
fn guesses_at_one_node_count_at_the_others() -> Result<()> {
    example(Engine::Postgres, two_nodes)
}

async fn two_nodes(engine: Engine) -> Result<()> {
    let first = Jackfield::start(engine).await?;
    let second = Setup::node_of(&first)?.start().await?;
    first.owner().join("ada@example.com", "ADMIN").await?;
    first.owner().join("bob@example.com", "ADMIN").await?;
    for _ in 0..10 {
        let guess = with("ada@example.com", "a guess of a stranger");
        let wrong = refusals(&first.anonymous(), "signIn", guess).await?;
        assert_eq!(wrong, [WRONG]);
    }
    let right = with("ada@example.com", SignedIn::PASSWORD);
    let answer = second
        .anonymous()
        .try_mutate("signIn", right, "session { token }")
        .await?;
    let code = &answer.body["errors"][0]["extensions"]["code"];
    assert_eq!(code, "TOO_MANY_REQUESTS", "{answer:?}");
    second.anonymous().sign_in("bob@example.com").await?;
    second.finish().await?;
    first.finish().await
}

fn with(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

const WRONG: &str = " INVALID: The e-mail address or the password is wrong.";

async fn a_user_signs_in_with_their_password(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let joined = jackfield.owner().join("ada@example.com", "ADMIN").await?;
    let ada = jackfield.anonymous().sign_in("ADA@Example.com").await?;
    assert_eq!(ada.id, joined.id);
    assert_eq!(ada.client.data(WHO).await?["viewer"]["role"], "ADMIN");
    assert_ne!(ada.token, joined.token);
    // The password is in neither the database nor the log, and nor are the tokens.
    let stored = String::from_utf8_lossy(&jackfield.database_bytes()?).into_owned();
    for secret in [SignedIn::PASSWORD, &ada.refresh_token, &ada.token] {
        assert!(
            !stored.contains(secret) && !jackfield.log()?.contains(secret),
            "{secret}"
        );
    }
    assert!(stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    jackfield.finish().await
}

async fn a_stranger_learns_nothing(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    owner.join("ada@example.com", "ADMIN").await?;
    let gone = owner.join("gone@example.com", "ADMIN").await?;
    owner
        .succeed("deactivateUser", json!({"userId": gone.id}), "user { id }")
        .await?;
    let anonymous = jackfield.anonymous();
    for input in [
        with("ada@example.com", "not the password of hers"),
        with("nobody@example.com", "not the password of hers"),
        with("gone@example.com", SignedIn::PASSWORD),
        with("no address", "x"),
        json!({"email": "ada@example.com", "password": SignedIn::PASSWORD, "workspaceId": "ws_01HF7YAT00000000000000001A"}),
        json!({"email": "ada@example.com", "password": SignedIn::PASSWORD, "workspaceId": "nonsense"}),
    ] {
        assert_eq!(
            refusals(&anonymous, "signIn", input.clone()).await?,
            [WRONG],
            "{input}"
        );
    }
    jackfield.finish().await
}

async fn guessing_is_slowed_down(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    owner.join("ada@example.com", "ADMIN").await?;
    let bob = owner.join("bob@example.com", "ADMIN").await?;
    let anonymous = jackfield.anonymous();
    for _ in 0..10 {
        let wrong = refusals(
            &anonymous,
            "signIn",
            with("ada@example.com", "a guess of a stranger"),
        )
        .await?;
        assert_eq!(wrong, [WRONG]);
    }
    // The right password does not help either, and others are not concerned.
    let answer = anonymous
        .try_mutate(
            "signIn",
            with("ada@example.com", SignedIn::PASSWORD),
            "session { token }",
        )
        .await?;
    let error = &answer.body["errors"][0];
    assert_eq!(
        error["extensions"]["code"], "TOO_MANY_REQUESTS",
        "{answer:?}"
    );
    let wait = error["extensions"]["retryAfter"]
        .as_u64()
        .unwrap_or_default();
    assert!((1..=61).contains(&wait), "{answer:?}");
    anonymous.sign_in("bob@example.com").await?;
    // Who has signed in already goes on.
    bob.client.data(WHO).await?;
    jackfield.finish().await
}

async fn a_flood_of_sign_ins_does_not_stop_the_server(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let anonymous = jackfield.anonymous();
    let flood = (0..200).map(|number| {
        let anonymous = anonymous.clone();
        tokio::spawn(async move {
            let input = with(
                &format!("user{number}@example.com"),
                "a guess of a stranger",
            );
            anonymous
                .try_mutate("signIn", input, "session { token }")
                .await
        })
    });
    let flood: Vec<_> = flood.collect();
    jackfield.owner().data("{ viewer { role } }").await?;
    let mut codes = std::collections::BTreeSet::new();
    for attempt in flood {
        let answer = attempt.await??;
        let code = answer.body["errors"][0]["extensions"]["code"].as_str();
        codes.insert(code.unwrap_or("refused").to_owned());
    }
    // Some were looked at; the others were told to come again, or that they are too many from one address.
    assert!(codes.contains("refused"), "{codes:?}");
    assert!(
        codes.contains("UNAVAILABLE") || codes.contains("TOO_MANY_REQUESTS"),
        "{codes:?}"
    );
    jackfield.finish().await
}
