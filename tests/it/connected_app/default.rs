//! One app of each provider is what steps use that name none.

use anyhow::Result;
use futures_util::future::try_join_all;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, Engine, Jackfield, Postmark, Setup, example, node, on_both_engines, start_then, step,
};
use serde_json::{Value, json};

on_both_engines![
    exactly_one_app_of_a_provider_is_its_default,
    there_is_one_default_whoever_sets_it_at_the_same_time,
    a_step_that_names_no_app_uses_the_default,
];

/// The names of the apps of Postmark, the default with a star.
async fn apps(owner: &Client) -> Result<Vec<String>> {
    let data = owner
        .data("{ providers { nodes { name connectedApps { name isDefault } } } }")
        .await?;
    let providers = data["providers"]["nodes"].as_array().into_iter().flatten();
    let postmark = providers
        .into_iter()
        .find(|provider| provider["name"] == "postmark");
    let apps = postmark
        .map(|provider| provider["connectedApps"].clone())
        .unwrap_or_default();
    let shown = |app: &Value| {
        let star = if app["isDefault"] == true { "*" } else { "" };
        format!("{}{star}", app["name"].as_str().unwrap_or_default())
    };
    Ok(apps.as_array().into_iter().flatten().map(shown).collect())
}

async fn exactly_one_app_of_a_provider_is_its_default(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        ids.push(postmark.connect(&owner, name).await?);
    }
    assert_eq!(apps(&owner).await?, ["one*", "two", "three"]);
    let input = json!({"connectedAppId": ids[2]});
    let set = owner
        .succeed(
            "setDefaultConnectedApp",
            input.clone(),
            "connectedApp { name isDefault }",
        )
        .await?;
    assert_eq!(
        set["connectedApp"],
        json!({"name": "three", "isDefault": true})
    );
    assert_eq!(apps(&owner).await?, ["one", "two", "three*"]);
    owner
        .succeed("disconnectApp", input, "connectedApp { id }")
        .await?;
    assert_eq!(
        apps(&owner).await?,
        ["one*", "two"],
        "the oldest takes its place"
    );
    jackfield.finish().await
}

async fn there_is_one_default_whoever_sets_it_at_the_same_time(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let names: Vec<String> = (0..5).map(|number| format!("app {number}")).collect();
    let connected = names.iter().map(|name| postmark.connect(&owner, name));
    let ids = try_join_all(connected).await?;
    let set = (0..50).map(|number| {
        let input = json!({"connectedAppId": ids[number % ids.len()]});
        owner.succeed(
            "setDefaultConnectedApp",
            input,
            "connectedApp { isDefault }",
        )
    });
    for set in try_join_all(set).await? {
        assert_eq!(set["connectedApp"]["isDefault"], true);
    }
    let apps = apps(&owner).await?;
    assert_eq!(
        apps.iter().filter(|app| app.ends_with('*')).count(),
        1,
        "{apps:?}"
    );
    jackfield.finish().await
}

async fn a_step_that_names_no_app_uses_the_default(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let config = json!({"operation": "send_email", "from": "hello@example.com", "to": "ada@example.com", "subject": "Hi", "textBody": "Hi"});
    let definition = start_then(node("mail", "postmark", config));
    let input = json!({"name": "Mail", "definition": definition});
    let none = owner
        .mutate("createWorkflow", input, "workflow { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(none, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "connectedAppId"
          ],
          "code": "REQUIRED",
          "message": "node `mail` (`postmark`) needs a connected app of `postmark`, and there is none; connect one"
        }
      ]
    }
    "#);
    }
    let first = postmark.connect(&owner, "first").await?;
    let other = Postmark::start().await?;
    let second = other.connect(&owner, "second").await?;
    let workflow = owner.publish("Mail", definition).await?;
    let run = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    owner
        .succeed(
            "setDefaultConnectedApp",
            json!({"connectedAppId": second}),
            "connectedApp { id }",
        )
        .await?;
    owner.run_to_end(&workflow, json!({})).await?;
    let sent = [&postmark, &other].map(|postmark| postmark.outside.requests_to("/email").len());
    assert_eq!(sent, [1, 1]);

    for app in [first, second] {
        let input = json!({"connectedAppId": app, "force": true});
        owner
            .succeed("disconnectApp", input, "connectedApp { id }")
            .await?;
    }
    let run = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(step(&run, "mail")["error"]["code"], "APP_NOT_FOUND");
    let document =
        "query($id: ID!) { workflow(id: $id) { problems { code nodeKey message remedy } } }";
    let data = owner
        .data_with(document, json!({"id": workflow.id}))
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(data["workflow"]["problems"][0], @r#"
    {
      "code": "REQUIRED",
      "nodeKey": "mail",
      "message": "node `mail` (`postmark`) needs a connected app of `postmark`, and there is none; connect one",
      "remedy": "give the node `mail` a connected app that there is, and publish the workflow again"
    }
    "#);
    }
    jackfield.finish().await
}

#[test]
fn there_is_one_default_over_all_nodes() -> Result<()> {
    example(Engine::Postgres, over_all_nodes)
}

async fn over_all_nodes(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let first = Jackfield::start(engine).await?;
    let second = Setup::node_of(&first)?.start().await?;
    let owners = [first.owner(), second.owner()];
    let connected = (0..10).map(|number| {
        let owner = &owners[number % 2];
        let postmark = &postmark;
        async move { postmark.connect(owner, &format!("app {number}")).await }
    });
    let ids = try_join_all(connected).await?;
    let set = (0..50).map(|number| {
        let input = json!({"connectedAppId": ids[number % 7]});
        owners[number % 2].succeed("setDefaultConnectedApp", input, "connectedApp { id }")
    });
    try_join_all(set).await?;
    let apps = apps(&owners[0]).await?;
    assert_eq!(
        apps.iter().filter(|app| app.ends_with('*')).count(),
        1,
        "{apps:?}"
    );
    second.finish().await?;
    first.finish().await
}
