//! What one node does is seen on the other at once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Receiver, example, graph, node};
use serde_json::json;

use super::{finish, three_calls, two_nodes};

const FOLLOW: &str = "subscription($run: ID!) {
    runUpdates(runId: $run) { cursor run { id status } step { nodeKey status } }
}";

#[test]
fn a_run_is_followed_on_a_node_that_may_not_execute_it() -> Result<()> {
    example(Engine::Postgres, follow_a_run)
}

#[test]
fn an_event_is_followed_on_a_node_that_did_not_receive_it() -> Result<()> {
    example(Engine::Postgres, follow_events)
}

#[test]
fn a_sender_is_answered_whichever_node_executes_the_run() -> Result<()> {
    example(Engine::Postgres, respond_when_finished)
}

async fn follow_a_run(_: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let (first, second) = two_nodes().await?;
    let workflow = three_calls(&first, &outside, Duration::from_millis(150)).await?;
    for (starts, follows) in [(&first, &second), (&second, &first)] {
        let run = starts.owner().start_run(&workflow, json!({})).await?;
        let seen = follows
            .subscribe(FOLLOW, json!({"run": run}))
            .await?
            .rest()
            .await?;
        let steps: Vec<String> = seen
            .iter()
            .filter(|data| data["runUpdates"]["step"]["status"] == "SUCCEEDED")
            .filter_map(|data| Some(data["runUpdates"]["step"]["nodeKey"].as_str()?.to_owned()))
            .collect();
        assert_eq!(steps, ["start", "one", "two", "three"], "{seen:#?}");
        let last = seen
            .last()
            .map(|data| data["runUpdates"]["run"]["status"].clone());
        assert_eq!(last, Some(json!("SUCCEEDED")));
    }
    finish(first, second).await
}

async fn follow_events(_: Engine) -> Result<()> {
    let (first, second) = two_nodes().await?;
    let document = "subscription { events { cursor event { type data } } }";
    let mut events = second.subscribe(document, json!({})).await?;
    // The subscription begins somewhere in what follows; from there on nothing is missing.
    let mut seen = Vec::new();
    for round in 0..200 {
        let from = if round % 2 == 0 { &first } else { &second };
        let input = json!({"type": "order.placed", "data": {"n": round}});
        from.owner()
            .succeed("publishEvent", input, "event { id }")
            .await?;
    }
    while seen.last() != Some(&199) {
        let update = events.next().await?.context("events never end")?;
        let n = update["events"]["event"]["data"]["n"].as_i64();
        seen.push(n.context("the test's own events")?);
    }
    let first_seen = seen.first().copied().context("at least the last one")?;
    assert_eq!(seen, (first_seen..200).collect::<Vec<i64>>());
    finish(first, second).await
}

async fn respond_when_finished(_: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let (first, second) = two_nodes().await?;
    let nodes = [
        node("got", "webhook", json!({"respond": "when_finished"})),
        node("call", "api-endpoint", json!({"url": outside.url("/x")})),
        node("answer", "respond", json!({"body": "{{ trigger.body.n }}"})),
    ];
    let definition = graph(nodes, &["got -> call", "call -> answer"]);
    let workflow = first.owner().publish("Answer", definition).await?;
    let path = workflow.hooks[0].url.clone();
    let path = path
        .split_once("/hooks/")
        .context("a hook's URL has a token")?
        .1;
    let started = Instant::now();
    for n in 0..20 {
        let node = if n % 2 == 0 { &first } else { &second };
        let answer = reqwest::Client::new()
            .post(node.url(&format!("/hooks/{path}")))
            .json(&json!({"n": n}))
            .send()
            .await?;
        assert_eq!(answer.text().await?, n.to_string());
    }
    // Nobody waited for the safety net, which looks every 15 seconds.
    assert!(started.elapsed() < Duration::from_secs(15));
    finish(first, second).await
}
