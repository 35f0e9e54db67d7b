//! Invitations.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, SESSION, SignedIn, on_both_engines};
use serde_json::{Value, json};

use super::{WHO, refusals};

on_both_engines![
    an_invitation_makes_a_user_once,
    an_invitation_can_be_taken_back_or_replaced,
    nobody_invites_to_more_than_they_are,
    what_cannot_be_a_user_is_refused,
    who_has_an_account_needs_its_password,
];

async fn an_invitation_makes_a_user_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"email": " Ada@Example.com", "role": "EDITOR"});
    let invited = owner
        .succeed(
            "inviteUser",
            input,
            "token invitation { id email role acceptedAt }",
        )
        .await?;
    let token = &invited["token"];
    assert_eq!(invited["invitation"]["email"], "ada@example.com");
    assert!(
        token
            .as_str()
            .unwrap_or_default()
            .starts_with("jackfield_inv_")
    );

    let input = json!({"token": token, "name": "Ada", "password": SignedIn::PASSWORD});
    let anonymous = jackfield.anonymous();
    let accepted = anonymous
        .succeed(
            "acceptInvitation",
            input.clone(),
            "session { token workspace { name } user { name email role active } }",
        )
        .await?;
    let session = &accepted["session"];
    assert_eq!(session["workspace"]["name"], "default");
    assert_eq!(
        session["user"],
        json!({"name": "Ada", "email": "ada@example.com", "role": "EDITOR", "active": true})
    );
    let ada = anonymous.with_token(session["token"].as_str().unwrap_or_default());
    assert_eq!(
        ada.data(WHO).await?["viewer"],
        json!({"role": "EDITOR", "user": {"email": "ada@example.com", "role": "EDITOR", "active": true}})
    );
    let gone = "input.token NOT_FOUND: this invitation is none, or was accepted or taken back, or has expired; ask for another one";
    assert_eq!(
        refusals(&anonymous, "acceptInvitation", input).await?,
        [gone]
    );
    let invalid = json!({"token": "jackfield_inv_nonsense", "password": "x"});
    assert_eq!(
        refusals(&anonymous, "acceptInvitation", invalid).await?,
        [gone]
    );
    let listed = owner.data("{ invitations { totalCount nodes { email acceptedAt } } users { totalCount nodes { email } } }").await?;
    assert!(
        listed["invitations"]["nodes"][0]["acceptedAt"].is_string(),
        "{listed:#}"
    );
    assert_eq!(
        listed["users"],
        json!({"totalCount": 1, "nodes": [{"email": "ada@example.com"}]})
    );
    jackfield.finish().await
}

async fn an_invitation_can_be_taken_back_or_replaced(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let invite = async || {
        let input = json!({"email": "ada@example.com", "role": "VIEWER"});
        owner
            .succeed("inviteUser", input, "token invitation { id }")
            .await
    };
    let accept = |invited: &Value| json!({"token": invited["token"], "name": "Ada", "password": SignedIn::PASSWORD});
    let (first, second) = (invite().await?, invite().await?);
    let anonymous = jackfield.anonymous();
    let replaced = refusals(&anonymous, "acceptInvitation", accept(&first)).await?;
    assert!(
        replaced[0].starts_with("input.token NOT_FOUND"),
        "{replaced:?}"
    );
    let id = &second["invitation"]["id"];
    owner
        .succeed(
            "revokeInvitation",
            json!({"invitationId": id}),
            "invitation { revokedAt }",
        )
        .await?;
    let revoked = refusals(&anonymous, "acceptInvitation", accept(&second)).await?;
    assert_eq!(revoked, replaced);
    let third = invite().await?;
    anonymous
        .succeed("acceptInvitation", accept(&third), SESSION)
        .await?;
    let id = json!({"invitationId": third["invitation"]["id"]});
    assert_eq!(
        refusals(&owner, "revokeInvitation", id).await?,
        ["input.invitationId CONFLICT: It was accepted: deactivate the user instead."]
    );
    jackfield.finish().await
}

async fn nobody_invites_to_more_than_they_are(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let admin = jackfield.owner().join("admin@example.com", "ADMIN").await?;
    let input = json!({"email": "eve@example.com", "role": "OWNER"});
    assert_eq!(
        refusals(&admin.client, "inviteUser", input).await?,
        ["input.role FORBIDDEN: Your role is admin; you cannot invite somebody to a higher one."]
    );
    let editor = admin.client.join("editor@example.com", "EDITOR").await?;
    let input = json!({"email": "eve@example.com", "role": "VIEWER"});
    let answer = editor
        .client
        .try_mutate("inviteUser", input, "token")
        .await?;
    assert_eq!(answer.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    jackfield.finish().await
}

async fn what_cannot_be_a_user_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let invite = |email: &str| json!({"email": email, "role": "VIEWER"});
    assert_eq!(
        refusals(&owner, "inviteUser", invite("ada")).await?,
        [
            "input.email INVALID: an e-mail address has the form name@example.com, and at most 254 characters"
        ]
    );
    let invited = owner
        .succeed("inviteUser", invite("ada@example.com"), "token")
        .await?;
    let anonymous = jackfield.anonymous();
    let accept = async |name: &str, password: &str| {
        let input = json!({"token": invited["token"], "name": name, "password": password});
        refusals(&anonymous, "acceptInvitation", input).await
    };
    assert_eq!(
        accept("Ada", "short").await?,
        ["input.password INVALID: a password has at least 12 characters"]
    );
    assert_eq!(
        accept("Ada", "aaaaaaaaaaaaaaaa").await?,
        ["input.password INVALID: this password would be guessed; choose another one"]
    );
    assert_eq!(
        accept("Ada", "ADA@example.com").await?,
        ["input.password INVALID: this password would be guessed; choose another one"]
    );
    assert_eq!(
        accept("Ada", &"x1".repeat(600)).await?,
        ["input.password TOO_LARGE: a password has at most 1000 bytes"]
    );
    assert_eq!(
        accept(" ", SignedIn::PASSWORD).await?,
        ["input.name REQUIRED: say what people call you"]
    );
    assert_eq!(
        accept("Ada", SignedIn::PASSWORD).await?,
        Vec::<String>::new()
    );
    assert_eq!(
        refusals(&owner, "inviteUser", invite("ADA@example.com")).await?,
        [
            "input.email TAKEN: this is the address of a user of the workspace: change their role, or reactivate them"
        ]
    );
    jackfield.finish().await
}

async fn who_has_an_account_needs_its_password(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let ada = owner.join("ada@example.com", "VIEWER").await?;
    let made = owner
        .succeed("createWorkspace", json!({"name": "other"}), "secret")
        .await?;
    let other = jackfield
        .anonymous()
        .with_token(made["secret"].as_str().unwrap_or_default());
    let input = json!({"email": "ada@example.com", "role": "OWNER"});
    let invited = other.succeed("inviteUser", input, "token").await?;
    let anonymous = jackfield.anonymous();
    let taking_over =
        json!({"token": invited["token"], "name": "Eve", "password": "a password of another one"});
    assert_eq!(
        refusals(&anonymous, "acceptInvitation", taking_over).await?,
        ["input.password INVALID: you have an account on this server already: give its password"]
    );
    let input = json!({"token": invited["token"], "password": SignedIn::PASSWORD});
    let accepted = anonymous
        .succeed("acceptInvitation", input, SESSION)
        .await?;
    let there = SignedIn::of(&anonymous, &accepted)?;
    assert_eq!(there.id, ada.id);
    assert_eq!(there.client.data(WHO).await?["viewer"]["role"], "OWNER");
    assert_eq!(ada.client.data(WHO).await?["viewer"]["role"], "VIEWER");
    jackfield.finish().await
}
