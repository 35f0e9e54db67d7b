//! Passwords that were forgotten.

use anyhow::{Context, Result, ensure};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, SESSION, SignedIn, on_both_engines};
use serde_json::{Value, json};

use super::{OVER, WHO, refusals, standing};

on_both_engines![
    an_admin_lets_a_user_choose_another_password_once,
    nobody_gets_by_a_reset_what_is_not_theirs,
];

const CHOSEN: &str = "another long password";

async fn reset_of(client: &Client, user: &SignedIn) -> Result<String> {
    let input = json!({"userId": user.id});
    let made = client
        .succeed("createPasswordReset", input, "token expiresAt")
        .await?;
    ensure!(made["expiresAt"].is_string(), "{made}");
    Ok(made["token"].as_str().context("a token")?.to_owned())
}

fn choose(token: &str, password: &str) -> Value {
    json!({"token": token, "password": password})
}

async fn an_admin_lets_a_user_choose_another_password_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let ada = owner.join("ada@example.com", "EDITOR").await?;
    let anonymous = jackfield.anonymous();
    let replaced = reset_of(&owner, &ada).await?;
    let token = reset_of(&owner, &ada).await?;
    let mut refused = Vec::new();
    for input in [
        choose(&replaced, CHOSEN),
        choose("jackfield_pwr_nonsense", CHOSEN),
        choose(&token, "short"),
    ] {
        refused.extend(refusals(&anonymous, "resetPassword", input).await?);
    }
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
    [
      "input.token NOT_FOUND: this link is none, or was used, or has expired; ask for another one",
      "input.token NOT_FOUND: this link is none, or was used, or has expired; ask for another one",
      "input.password INVALID: a password has at least 12 characters"
    ]
    "#);
    }
    // Until it is used nothing has changed.
    anonymous.sign_in("ada@example.com").await?;
    let done = anonymous
        .succeed("resetPassword", choose(&token, CHOSEN), SESSION)
        .await?;
    let again = SignedIn::of(&anonymous, &done)?;
    assert_eq!(again.id, ada.id);
    assert_eq!(again.client.data(WHO).await?["viewer"]["role"], "EDITOR");
    assert_eq!(standing(&ada.client).await?, (401, json!(OVER)));
    for (password, works) in [(SignedIn::PASSWORD, false), (CHOSEN, true)] {
        let input = json!({"email": "ada@example.com", "password": password});
        let payload = anonymous.mutate("signIn", input, SESSION).await?;
        assert_eq!(payload["session"].is_object(), works, "{payload}");
    }
    let used = refusals(&anonymous, "resetPassword", choose(&token, CHOSEN)).await?;
    assert_eq!(used, refused[..1]);
    for secret in [&token, &replaced, CHOSEN] {
        let stored = String::from_utf8_lossy(&jackfield.database_bytes()?).into_owned();
        assert!(!stored.contains(secret) && !jackfield.log()?.contains(secret));
    }
    jackfield.finish().await
}

async fn nobody_gets_by_a_reset_what_is_not_theirs(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let admin = owner.join("admin@example.com", "ADMIN").await?;
    let boss = owner.join("boss@example.com", "OWNER").await?;
    let editor = owner.join("editor@example.com", "EDITOR").await?;
    let gone = owner.join("gone@example.com", "VIEWER").await?;
    let input = json!({"userId": gone.id});
    owner
        .succeed("deactivateUser", input, "user { id }")
        .await?;
    // Somebody who belongs elsewhere, too, and somebody who does so later.
    let both = owner.join("both@example.com", "OWNER").await?;
    let later = owner.join("later@example.com", "OWNER").await?;
    let token = reset_of(&owner, &later).await?;
    for (user, name) in [(&both, "one"), (&later, "two")] {
        user.client
            .succeed("createWorkspace", json!({"name": name}), "workspace { id }")
            .await?;
    }
    let mut refused = Vec::new();
    for (client, user) in [
        (&admin.client, &boss.id),
        (&owner, &gone.id),
        (&owner, &both.id),
        (&owner, &"usr_01HF7YAT00000000000000001A".to_owned()),
    ] {
        let input = json!({"userId": user});
        refused.extend(refusals(client, "createPasswordReset", input).await?);
    }
    refused.extend(
        refusals(
            &jackfield.anonymous(),
            "resetPassword",
            choose(&token, CHOSEN),
        )
        .await?,
    );
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
    [
      "input.userId FORBIDDEN: your role is admin; only an owner can do this",
      "input.userId CONFLICT: this user is deactivated: reactivate them first",
      "input.userId FORBIDDEN: this user belongs to another workspace, too, whose admins did not ask for it: nobody but the user can change the password",
      "input.userId NOT_FOUND: There is no such user in this workspace.",
      "input.token NOT_FOUND: this link is none, or was used, or has expired; ask for another one"
    ]
    "#);
    }
    let input = json!({"userId": admin.id});
    let answer = editor
        .client
        .try_mutate("createPasswordReset", input, "token")
        .await?;
    assert_eq!(answer.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    jackfield.finish().await
}
