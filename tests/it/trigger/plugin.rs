//! Triggers of plugins that listen to the hook of a connected app.

use anyhow::{Result, ensure};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::shop::ShopApp;
use jackfield_tests::{Client, Engine, Receiver, Setup, Workflow, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    triggers_listen_to_one_hook_each_with_its_config,
    a_trigger_reads_what_its_provider_cannot,
    a_request_that_was_kept_goes_through_the_triggers_again,
    a_trigger_names_whose_webhooks_it_listens_to,
    an_event_and_its_runs_survive_a_kill,
];

/// A workflow that starts with what the shop tells, and shows it.
fn told(kind: &str, app: &Value, config: Value) -> Value {
    let mut told = node("told", kind, config);
    told["connectedAppId"] = app.clone();
    let values =
        json!({"values": {"id": "{{ trigger.body.id }}", "event": "{{ trigger.event.type }}"}});
    graph([told, node("seen", "set", values)], &["told -> seen"])
}

/// What the runs of a workflow have seen, oldest first.
async fn seen(client: &Client, workflow: &Workflow, count: usize) -> Result<Vec<Value>> {
    let mut runs = client.ended_runs_of(workflow, count).await?;
    runs.reverse();
    ensure!(runs.len() == count, "{runs:#?}");
    Ok(runs.iter().map(|run| run["output"].clone()).collect())
}

async fn triggers_listen_to_one_hook_each_with_its_config(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    let shop = ShopApp::connect(&owner, "shop", &outside).await?;
    let all = owner
        .publish("All", told("shop-told", &shop.id, json!({})))
        .await?;
    let only = json!({"only": "order.paid"});
    let paid = owner
        .publish("Paid", told("shop-told", &shop.id, only))
        .await?;
    let mut event = node("got", "event", json!({"types": ["shop.*"]}));
    event["connectedAppId"] = shop.id.clone();
    let note = node("note", "debug", json!({"message": "seen"}));
    let log = owner
        .publish("Log", graph([event, note], &["got -> note"]))
        .await?;

    for body in [
        json!({"id": "1", "type": "order.paid"}),
        json!({"id": "2", "type": "order.sent"}),
        json!({"id": "1", "type": "order.paid"}),
    ] {
        let answer = shop.post(&body).await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let forged = shop.hook.post(&[("x-signature", "00")], "{}").await?;
    assert_eq!(forged.status, 401);

    let first = json!({"id": "1", "event": "shop.order.paid"});
    let second = json!({"id": "2", "event": "shop.order.sent"});
    assert_eq!(seen(&owner, &all, 2).await?, [first.clone(), second]);
    assert_eq!(seen(&owner, &paid, 1).await?, [first]);
    owner.ended_runs_of(&log, 2).await?;
    // What the triggers read is the event that the provider told of, and no second one.
    let events = owner.data("{ events { totalCount } }").await?;
    assert_eq!(events["events"]["totalCount"], 2);
    let document = "query($id: ID!) { workflow(id: $id) { triggers { nodeKey kind error } } }";
    let shown = owner.data_with(document, json!({"id": all.id})).await?;
    assert_eq!(
        shown["workflow"]["triggers"],
        json!([{"nodeKey": "told", "kind": "PLUGIN", "error": null}])
    );
    let kinds = owner
        .data("{ nodeTypes(search: \"shop-told\") { nodes { type category inputs { name } } } }")
        .await?;
    assert_eq!(
        kinds["nodeTypes"]["nodes"],
        json!([{"type": "shop-told", "category": "TRIGGER", "inputs": []}])
    );
    jackfield.finish().await
}

async fn a_trigger_reads_what_its_provider_cannot(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    let stall = ShopApp::connect(&owner, "stall", &outside).await?;
    let body = json!({"id": "1", "type": "sold"});
    let unheard = stall.post(&body).await?;
    assert_eq!(unheard.status, 401, "{unheard:?}");
    let workflow = owner
        .publish("Sold", told("stall-told", &stall.id, json!({})))
        .await?;
    for _ in 0..2 {
        let answer = stall.post(&body).await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let asked = reqwest::get(format!("{}?challenge=a%20b", stall.hook.url)).await?;
    assert_eq!(asked.text().await?, "a b");
    let expected = json!({"id": "1", "event": "stall.sold"});
    assert_eq!(seen(&owner, &workflow, 1).await?, [expected]);
    owner
        .succeed(
            "unpublishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;
    assert_eq!(stall.post(&json!({"id": "2"})).await?.status, 401);
    jackfield.finish().await
}

async fn a_request_that_was_kept_goes_through_the_triggers_again(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    for (provider, trigger) in [("shop", "shop-told"), ("stall", "stall-told")] {
        let app = ShopApp::connect(&owner, provider, &outside).await?;
        let first = told(trigger, &app.id, json!({}));
        let workflow = owner.publish("First", first.clone()).await?;
        let body = json!({"id": "1", "type": "order.paid"});
        let answer = app.post(&body).await?;
        ensure!(answer.status == 200, "{answer:?}");
        seen(&owner, &workflow, 1).await?;
        // It came before this one was there, and the shop signs with another key by now.
        let later = owner.publish("Later", first).await?;
        let other = json!({"apiKey": "key_of_the_shop", "signingKey": "another"});
        let input = json!({"connectedAppId": app.id, "credentials": other, "skipTest": true});
        owner
            .succeed("updateConnectedApp", input, "connectedApp { id }")
            .await?;
        let document = "query($id: ID!) { node(id: $id) { ... on InboundHook { requests { nodes { id } } } } }";
        let kept = owner
            .data_with(document, json!({"id": app.hook.id}))
            .await?;
        let input = json!({"inboundRequestId": kept["node"]["requests"]["nodes"][0]["id"]});
        owner
            .succeed("replayInboundRequest", input, "event { id }")
            .await?;
        let event = format!("{provider}.order.paid");
        let once = json!([{"id": "1", "event": event}]);
        let twice = json!([once[0], once[0]]);
        assert_eq!(json!(seen(&owner, &later, 1).await?), once);
        assert_eq!(json!(seen(&owner, &workflow, 2).await?), twice);
    }
    jackfield.finish().await
}

async fn a_trigger_names_whose_webhooks_it_listens_to(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    let stall = ShopApp::connect(&owner, "stall", &outside).await?;
    let mut refused = Vec::new();
    for app in [Value::Null, stall.id.clone()] {
        let definition = told("shop-told", &app, json!({"only": "order.paid"}));
        let input = json!({"name": "Refused", "definition": definition});
        let payload = owner
            .mutate("createWorkflow", input, "workflow { id }")
            .await?;
        refused.extend(
            payload["userErrors"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
        );
    }
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
    [
      {
        "field": [
          "input",
          "definition",
          "nodes",
          "0",
          "connectedAppId"
        ],
        "code": "REQUIRED",
        "message": "node `told` (`shop-told`) listens to the webhooks of one connected app: say of which"
      },
      {
        "field": [
          "input",
          "definition",
          "nodes",
          "0",
          "connectedAppId"
        ],
        "code": "INVALID",
        "message": "`Shop` is an app of `stall`, but the node needs one of `shop`"
      }
    ]
    "#);
    }
    jackfield.finish().await
}

async fn an_event_and_its_runs_survive_a_kill(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let setup = Setup::with_shop(engine)?.environment("JACKFIELD_RUN_LEASE", "1500ms");
    let mut jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let shop = ShopApp::connect(&owner, "shop", &outside).await?;
    let definition = told("shop-told", &shop.id, json!({}));
    let workflow = owner.publish("Killed", definition).await?;
    jackfield.kill().await?;
    // It dies when the event and its run are on disk, and the shop has no answer.
    jackfield.set("JACKFIELD_CRASH", Some("after:1"));
    jackfield.restart().await?;
    let body = json!({"id": "1", "type": "order.paid"});
    ensure!(shop.post(&body).await.is_err(), "the server is there");
    jackfield.set("JACKFIELD_CRASH", None);
    jackfield.restart().await?;
    let again = shop.post(&body).await?;
    assert_eq!(again.status, 200, "{again:?}");
    let expected = json!({"id": "1", "event": "shop.order.paid"});
    assert_eq!(seen(&owner, &workflow, 1).await?, [expected]);
    jackfield.finish().await
}
