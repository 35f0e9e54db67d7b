//! Users of several workspaces.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, SESSION, SignedIn, on_both_engines};
use serde_json::json;

use super::refusals;

on_both_engines![
    a_user_goes_from_one_workspace_to_another,
    only_owners_of_the_first_workspace_make_others,
];

const WHERE: &str = "{ viewer { role workspace { name } workspaces { role workspace { name } } } }";

async fn a_user_goes_from_one_workspace_to_another(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let ada = jackfield.owner().join("ada@example.com", "OWNER").await?;
    let made = ada
        .client
        .succeed(
            "createWorkspace",
            json!({"name": "other"}),
            "workspace { id } apiKey { id } secret",
        )
        .await?;
    assert!(
        made["apiKey"].is_null() && made["secret"].is_null(),
        "a user needs no key"
    );
    let workspaces = json!([
        {"role": "OWNER", "workspace": {"name": "default"}}, {"role": "OWNER", "workspace": {"name": "other"}},
    ]);
    let here = ada.client.data(WHERE).await?;
    assert_eq!(
        here["viewer"],
        json!({"role": "OWNER", "workspace": {"name": "default"}, "workspaces": workspaces})
    );
    let input = json!({"workspaceId": made["workspace"]["id"]});
    let switched = ada
        .client
        .succeed("switchWorkspace", input.clone(), SESSION)
        .await?;
    let there = SignedIn::of(&ada.client, &switched)?.client;
    assert_eq!(
        there.data(WHERE).await?["viewer"]["workspace"]["name"],
        "other"
    );
    // What is made there is not seen here.
    let type_of = json!({"name": "thing.made"});
    there
        .succeed("createEventType", type_of, "eventType { id }")
        .await?;
    assert_eq!(
        ada.client.data("{ eventTypes { totalCount } }").await?["eventTypes"]["totalCount"],
        0
    );
    // Somebody who does not belong there hears the same as about a workspace that is none.
    let bob = jackfield.owner().join("bob@example.com", "OWNER").await?;
    let none = ["input.workspaceId NOT_FOUND: You belong to no such workspace."];
    assert_eq!(refusals(&bob.client, "switchWorkspace", input).await?, none);
    let unknown = json!({"workspaceId": "ws_01HF7YAT00000000000000001A"});
    assert_eq!(
        refusals(&bob.client, "switchWorkspace", unknown).await?,
        none
    );
    jackfield.finish().await
}

async fn only_owners_of_the_first_workspace_make_others(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let name = |name: &str| json!({"name": name});
    let made = owner
        .succeed(
            "createWorkspace",
            name("other"),
            "workspace { name } apiKey { name role } secret",
        )
        .await?;
    assert_eq!(made["apiKey"], json!({"name": "Owner", "role": "OWNER"}));
    let other = jackfield
        .anonymous()
        .with_token(made["secret"].as_str().unwrap_or_default());
    let here = json!({"role": "OWNER", "workspace": {"name": "other"}, "workspaces": [{"role": "OWNER", "workspace": {"name": "other"}}]});
    assert_eq!(other.data(WHERE).await?["viewer"], here);
    assert_eq!(
        refusals(&other, "createWorkspace", name("third")).await?,
        [" FORBIDDEN: Only an owner of the workspace `default` can make others."]
    );
    assert_eq!(
        refusals(&owner, "createWorkspace", name("other")).await?,
        ["input.name TAKEN: There is a workspace of this name already."]
    );
    assert_eq!(
        refusals(&owner, "createWorkspace", name("  ")).await?,
        ["input.name INVALID: A name has 1 to 100 characters, none of them a control character."]
    );
    let admin = owner.join("admin@example.com", "ADMIN").await?;
    let answer = admin
        .client
        .try_mutate("createWorkspace", name("third"), "secret")
        .await?;
    assert_eq!(answer.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    jackfield.finish().await
}
