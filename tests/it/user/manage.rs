//! What admins and owners do with users.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, on_both_engines};
use serde_json::json;

use super::{OVER, WHO, refusals, standing};

on_both_engines![
    a_role_holds_from_the_next_request_on,
    a_deactivated_user_is_out_at_once,
    one_owner_stays,
    nobody_reaches_above_themselves,
];

async fn a_role_holds_from_the_next_request_on(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let ada = owner.join("ada@example.com", "VIEWER").await?;
    for role in ["ADMIN", "EDITOR", "OWNER", "VIEWER"] {
        let input = json!({"userId": ada.id, "role": role});
        // The last owner may not go; somebody else is one by then.
        if role == "VIEWER" {
            owner.join("bob@example.com", "OWNER").await?;
        }
        let changed = owner
            .succeed("changeUserRole", input, "user { role }")
            .await?;
        assert_eq!(changed["user"]["role"], role);
        assert_eq!(ada.client.data(WHO).await?["viewer"]["role"], role);
    }
    jackfield.finish().await
}

async fn a_deactivated_user_is_out_at_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let ada = owner.join("ada@example.com", "ADMIN").await?;
    let input = json!({"userId": ada.id});
    let done = owner
        .succeed(
            "deactivateUser",
            input.clone(),
            "user { active deactivatedAt }",
        )
        .await?;
    assert_eq!(done["user"]["active"], false);
    assert_eq!(standing(&ada.client).await?, (401, json!(OVER)));
    owner
        .succeed("reactivateUser", input, "user { active }")
        .await?;
    // The sessions that were ended stay so.
    assert_eq!(standing(&ada.client).await?, (401, json!(OVER)));
    let again = jackfield.anonymous().sign_in("ada@example.com").await?;
    assert_eq!(again.client.data(WHO).await?["viewer"]["role"], "ADMIN");
    jackfield.finish().await
}

async fn one_owner_stays(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let ada = owner.join("ada@example.com", "OWNER").await?;
    let last = [
        "input.userId CONFLICT: this is the workspace's last active owner: make somebody else an owner first",
    ];
    let demote = json!({"userId": ada.id, "role": "EDITOR"});
    assert_eq!(
        refusals(&ada.client, "changeUserRole", demote.clone()).await?,
        last
    );
    assert_eq!(
        refusals(&owner, "deactivateUser", json!({"userId": ada.id})).await?,
        last
    );
    let bob = owner.join("bob@example.com", "OWNER").await?;
    ada.client
        .succeed("changeUserRole", demote, "user { id }")
        .await?;
    assert_eq!(
        refusals(&bob.client, "deactivateUser", json!({"userId": bob.id})).await?,
        last
    );
    jackfield.finish().await
}

async fn nobody_reaches_above_themselves(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let boss = owner.join("boss@example.com", "OWNER").await?;
    let admin = owner.join("admin@example.com", "ADMIN").await?;
    let higher = ["input.userId FORBIDDEN: your role is admin; only an owner can do this"];
    for (mutation, input) in [
        (
            "changeUserRole",
            json!({"userId": admin.id, "role": "OWNER"}),
        ),
        (
            "changeUserRole",
            json!({"userId": boss.id, "role": "VIEWER"}),
        ),
        ("deactivateUser", json!({"userId": boss.id})),
    ] {
        assert_eq!(
            refusals(&admin.client, mutation, input).await?,
            higher,
            "{mutation}"
        );
    }
    let unknown = json!({"userId": "usr_01HF7YAT00000000000000001A"});
    assert_eq!(
        refusals(&admin.client, "deactivateUser", unknown).await?,
        ["input.userId NOT_FOUND: There is no such user in this workspace."]
    );
    jackfield.finish().await
}
