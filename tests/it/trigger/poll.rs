//! Triggers of plugins that ask for news.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::shop::ShopApp;
use jackfield_tests::{
    Client, Engine, Receiver, Reply, Setup, Workflow, example, graph, node, on_both_engines,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

on_both_engines![
    news_start_runs_and_the_next_poll_goes_on,
    a_poll_that_fails_says_so_and_loses_nothing,
    each_event_starts_one_run_whenever_the_server_dies,
    a_trigger_that_is_withdrawn_is_asked_no_more,
    a_workflow_says_how_often_it_asks,
];

#[test]
fn one_of_two_nodes_asks() -> Result<()> {
    example(Engine::Postgres, two_nodes)
}

/// A workflow that starts for each new order of the default app.
fn orders(config: Value) -> Value {
    let values =
        json!({"values": {"order": "{{ trigger.body.id }}", "event": "{{ trigger.event.type }}"}});
    let nodes = [
        node("new", "shop-new-order", config),
        node("seen", "set", values),
    ];
    graph(nodes, &["new -> seen"])
}

/// The shop has these orders.
fn offer(outside: &Receiver, ids: &[u64]) {
    outside.answer("/orders", [of(ids)]);
}

fn of(ids: &[u64]) -> Reply {
    let order = |id: &u64| json!({"id": id, "value": id * 10});
    let orders: Vec<Value> = ids.iter().map(order).collect();
    Reply::json(200, &orders.into())
}

/// From where on the shop was asked, poll by poll.
fn asked(outside: &Receiver) -> Vec<String> {
    let polls = outside.requests_to("/orders");
    polls.iter().map(|poll| poll.query.clone()).collect()
}

/// The orders for which there were runs, in the order of the runs.
async fn seen(client: &Client, workflow: &Workflow, count: usize) -> Result<Vec<Value>> {
    let mut runs = client.ended_runs_of(workflow, count).await?;
    runs.reverse();
    ensure!(runs.len() == count, "{runs:#?}");
    Ok(runs
        .iter()
        .map(|run| run["output"]["order"].clone())
        .collect())
}

/// Publishes a workflow anew, at which it is asked at once.
async fn publish_again(client: &Client, workflow: &Workflow) -> Result<()> {
    let input = json!({"workflowId": workflow.id});
    client
        .succeed("publishWorkflow", input, "workflow { id }")
        .await?;
    Ok(())
}

async fn trigger(client: &Client, workflow: &Workflow) -> Result<Value> {
    let document = "query($id: ID!) { workflow(id: $id) { triggers { kind nextRunAt error } } }";
    let shown = client
        .data_with(document, json!({"id": workflow.id}))
        .await?;
    Ok(shown["workflow"]["triggers"][0].clone())
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds().await? {
        ensure!(Instant::now() < deadline, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn news_start_runs_and_the_next_poll_goes_on(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    offer(&outside, &[1, 2]);
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    let shop = ShopApp::connect(&owner, "shop", &outside).await?;
    let workflow = owner.publish("Orders", orders(json!({}))).await?;
    assert_eq!(seen(&owner, &workflow, 2).await?, [1, 2]);
    // The shop says the second one again: it is known.
    offer(&outside, &[2, 3]);
    publish_again(&owner, &workflow).await?;
    assert_eq!(seen(&owner, &workflow, 3).await?, [1, 2, 3]);
    assert_eq!(asked(&outside), ["after=0", "after=2"]);
    let shown = trigger(&owner, &workflow).await?;
    assert_eq!(
        (&shown["kind"], &shown["error"]),
        (&json!("POLL"), &Value::Null)
    );
    ensure!(shown["nextRunAt"].is_string(), "{shown}");
    let events = owner.data("{ events { nodes { type source } } }").await?;
    let event = json!({"type": "shop.received", "source": "shop"});
    assert_eq!(events["events"]["nodes"], json!([event, event, event]));
    // What the credentials were used for says by which workflow.
    let document = "query($id: ID!) { connectedApp(id: $id) { uses { nodes { purpose nodeKey requests workflow { name } } } } }";
    let uses = owner.data_with(document, json!({"id": shop.id})).await?;
    let used =
        json!({"purpose": "POLL", "nodeKey": "new", "requests": 1, "workflow": {"name": "Orders"}});
    assert_eq!(uses["connectedApp"]["uses"]["nodes"], json!([used, used]));
    jackfield.finish().await
}

async fn a_poll_that_fails_says_so_and_loses_nothing(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let down = json!({"message": "closed"});
    outside.answer("/orders", [Reply::json(503, &down), of(&[1])]);
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    ShopApp::connect(&owner, "shop", &outside).await?;
    let workflow = owner.publish("Orders", orders(json!({}))).await?;
    until("the failure is not shown", async || {
        let shown = trigger(&owner, &workflow).await?;
        let error = shown["error"].as_str().unwrap_or_default();
        Ok(error.contains("answered 503") && shown["nextRunAt"].is_string())
    })
    .await?;
    publish_again(&owner, &workflow).await?;
    assert_eq!(seen(&owner, &workflow, 1).await?, [1]);
    assert_eq!(trigger(&owner, &workflow).await?["error"], Value::Null);
    jackfield.finish().await
}

async fn each_event_starts_one_run_whenever_the_server_dies(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    offer(&outside, &[1]);
    let setup = Setup::with_shop(engine)?.environment("JACKFIELD_RUN_LEASE", "1s");
    let mut jackfield = setup.start().await?;
    let owner = jackfield.owner();
    ShopApp::connect(&owner, "shop", &outside).await?;
    let workflow = owner.publish("Orders", orders(json!({}))).await?;
    assert_eq!(seen(&owner, &workflow, 1).await?, [1]);
    // It dies while the shop has not answered yet.
    outside.answer("/orders", [Reply::hang(), of(&[2])]);
    publish_again(&owner, &workflow).await?;
    until("the shop is not asked", async || {
        Ok(asked(&outside).len() == 2)
    })
    .await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    assert_eq!(seen(&owner, &workflow, 2).await?, [1, 2]);
    // It dies when what was found is about to be stored, and when it is.
    for (order, side) in [(3, "before:1"), (4, "after:1")] {
        jackfield.kill().await?;
        jackfield.set("JACKFIELD_CRASH", Some(side));
        jackfield.restart().await?;
        offer(&outside, &[order]);
        // It may be dead before it can answer.
        let _ = publish_again(&owner, &workflow).await;
        until("it does not die", async || jackfield.has_ended()).await?;
        jackfield.set("JACKFIELD_CRASH", None);
        jackfield.restart().await?;
        let expected: Vec<u64> = (1..=order).collect();
        let count = expected.len();
        assert_eq!(
            json!(seen(&owner, &workflow, count).await?),
            json!(expected)
        );
    }
    jackfield.finish().await
}

async fn a_trigger_that_is_withdrawn_is_asked_no_more(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    offer(&outside, &[1]);
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    ShopApp::connect(&owner, "shop", &outside).await?;
    let workflow = owner.publish("Orders", orders(json!({}))).await?;
    assert_eq!(seen(&owner, &workflow, 1).await?, [1]);
    // What is found while it is withdrawn belongs to nobody.
    let late = of(&[2]).after(Duration::from_millis(300));
    outside.answer("/orders", [late]);
    publish_again(&owner, &workflow).await?;
    until("the shop is not asked", async || {
        Ok(asked(&outside).len() == 2)
    })
    .await?;
    let input = json!({"workflowId": workflow.id});
    owner
        .succeed("unpublishWorkflow", input, "workflow { id }")
        .await?;
    sleep(Duration::from_millis(600)).await;
    assert_eq!(seen(&owner, &workflow, 1).await?, [1]);
    let events = owner.data("{ events { totalCount } }").await?;
    assert_eq!(events["events"]["totalCount"], 1);
    // Published again, it begins anew.
    offer(&outside, &[]);
    publish_again(&owner, &workflow).await?;
    until("the shop is not asked", async || {
        Ok(asked(&outside).len() == 3)
    })
    .await?;
    assert_eq!(asked(&outside)[2], "after=0");
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn a_workflow_says_how_often_it_asks(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    offer(&outside, &[1]);
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    ShopApp::connect(&owner, "shop", &outside).await?;
    let mut definition = orders(json!({}));
    definition["nodes"][0]["interval"] = "PT1S".into();
    let workflow = owner.publish("Orders", definition.clone()).await?;
    assert_eq!(seen(&owner, &workflow, 1).await?, [1]);
    // Nobody publishes it anew, and its plugin says a minute.
    offer(&outside, &[2]);
    assert_eq!(seen(&owner, &workflow, 2).await?, [1, 2]);
    let document = "query($id: ID!) { workflow(id: $id) { published { definition { nodes { key interval } } } } }";
    let shown = owner
        .data_with(document, json!({"id": workflow.id}))
        .await?;
    assert_eq!(
        shown["workflow"]["published"]["definition"]["nodes"],
        json!([{"key": "new", "interval": "PT1S"}, {"key": "seen", "interval": null}])
    );
    let polling = owner
        .data("{ nodeTypes(search: \"shop-new-order\") { nodes { polling { interval minInterval } } } }")
        .await?;
    assert_eq!(
        polling["nodeTypes"]["nodes"][0]["polling"],
        json!({"interval": "PT1M", "minInterval": "PT1S"})
    );
    let mut refused = Vec::new();
    for (place, interval) in [(0, "PT0.5S"), (0, "P60D"), (1, "PT1M")] {
        let mut wrong = orders(json!({}));
        wrong["nodes"][place]["interval"] = interval.into();
        let input = json!({"name": "Refused", "definition": wrong});
        let payload = owner
            .mutate("createWorkflow", input, "workflow { id }")
            .await?;
        refused.push(payload["userErrors"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        [
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "0",
                "interval"
              ],
              "code": "INVALID",
              "message": "a trigger of type `shop-new-order` is asked at most every 1 s"
            }
          ],
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "0",
                "interval"
              ],
              "code": "INVALID",
              "message": "has to be at most 31 days"
            }
          ],
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "1",
                "interval"
              ],
              "code": "INVALID",
              "message": "only a trigger that asks a service for news has an interval, and `set` is none"
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn two_nodes(_: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    offer(&outside, &[1]);
    let first = Setup::with_shop(Engine::Postgres)?.start().await?;
    let second = Setup::node_of(&first)?;
    second.add_shop()?;
    let second = second.start().await?;
    let owner = first.owner();
    ShopApp::connect(&owner, "shop", &outside).await?;
    let workflow = owner.publish("Orders", orders(json!({}))).await?;
    for order in 2..8 {
        let count = usize::try_from(order - 1)?;
        seen(&owner, &workflow, count).await?;
        offer(&outside, &[order]);
        let client = if order % 2 == 0 {
            second.owner()
        } else {
            first.owner()
        };
        publish_again(&client, &workflow).await?;
    }
    assert_eq!(seen(&owner, &workflow, 7).await?, [1, 2, 3, 4, 5, 6, 7]);
    let asked = asked(&outside);
    let last = asked.last().context("it was asked")?;
    assert_eq!((asked.len(), last.as_str()), (7, "after=6"));
    first.finish().await?;
    second.finish().await
}
