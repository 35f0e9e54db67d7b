//! `runUpdates`: follows runs while they happen.

use std::time::Duration;

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, Socket, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    a_follower_sees_its_run_to_the_end_and_no_other,
    a_follower_resumes_after_a_cursor_without_a_gap,
    a_socket_without_a_credential_is_closed,
    a_socket_that_breaks_the_protocol_is_closed,
];

const FOLLOW: &str = "subscription($run: ID!, $after: String) {
    runUpdates(runId: $run, after: $after) { cursor run { id status } step { nodeKey status } }
}";

/// A run that ends a while after its first step has.
async fn slow_run(jackfield: &Jackfield, outside: &Receiver) -> Result<String> {
    outside.answer(
        "/slow",
        [Reply::default().after(Duration::from_millis(700))],
    );
    let nodes = [
        node("start", "manual", json!({})),
        node("slow", "api-endpoint", json!({"url": outside.url("/slow")})),
        node("note", "debug", json!({"message": "seen"})),
    ];
    let workflow = jackfield
        .owner()
        .publish("Slow", graph(nodes, &["start -> slow", "slow -> note"]))
        .await?;
    jackfield.owner().start_run(&workflow, json!({})).await
}

async fn a_follower_sees_its_run_to_the_end_and_no_other(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let (one, other) = (
        slow_run(&jackfield, &outside).await?,
        slow_run(&jackfield, &outside).await?,
    );
    let seen = jackfield
        .subscribe(FOLLOW, json!({"run": one}))
        .await?
        .rest()
        .await?;

    assert!(
        seen.iter()
            .all(|data| data["runUpdates"]["run"]["id"] == json!(one)),
        "{seen:#?}"
    );
    let last = seen
        .last()
        .map(|data| data["runUpdates"]["run"]["status"].clone());
    assert_eq!(last, Some(json!("SUCCEEDED")), "{seen:#?}");
    jackfield.owner().ended(&other).await?;
    // A follower that comes late is shown how it ended.
    let late = jackfield
        .subscribe(FOLLOW, json!({"run": other}))
        .await?
        .rest()
        .await?;
    assert!(
        late.iter()
            .any(|data| data["runUpdates"]["run"]["status"] == "SUCCEEDED"),
        "{late:#?}"
    );
    jackfield.finish().await
}

async fn a_follower_resumes_after_a_cursor_without_a_gap(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let run = slow_run(&jackfield, &outside).await?;
    let mut updates = jackfield.subscribe(FOLLOW, json!({"run": run})).await?;
    let first = updates.next().await?.context("it has begun")?;
    let cursor = &first["runUpdates"]["cursor"];
    drop(updates);
    jackfield.owner().ended(&run).await?;

    let resumed = jackfield
        .subscribe(FOLLOW, json!({"run": run, "after": cursor}))
        .await?
        .rest()
        .await?;
    assert!(
        resumed
            .iter()
            .all(|data| data["runUpdates"]["cursor"] != *cursor),
        "{resumed:#?}"
    );
    let succeeded = resumed
        .iter()
        .filter(|data| data["runUpdates"]["step"]["status"] == "SUCCEEDED");
    let steps: Vec<_> = succeeded
        .map(|data| data["runUpdates"]["step"]["nodeKey"].clone())
        .collect();
    assert!(
        steps.ends_with(&[json!("slow"), json!("note")]),
        "{resumed:#?}"
    );
    jackfield.finish().await
}

fn subscribe(document: &str) -> Value {
    json!({"id": "1", "type": "subscribe", "payload": {"query": document}})
}

async fn a_socket_without_a_credential_is_closed(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let url = jackfield.url("/graphql");

    let mut early = Socket::open(&url).await?;
    early.send(&subscribe("{ viewer { role } }")).await?;
    assert_eq!(early.close_code().await?, 4401);

    let mut stranger = Socket::open(&url).await?;
    let payload = json!({"Authorization": "Bearer jackfield_sk_wrong"});
    stranger
        .send(&json!({"type": "connection_init", "payload": payload}))
        .await?;
    assert_eq!(stranger.close_code().await?, 4403);
    jackfield.finish().await
}

async fn a_socket_that_breaks_the_protocol_is_closed(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let run = slow_run(&jackfield, &outside).await?;
    let url = jackfield.url("/graphql");

    let mut confused = Socket::connect(&url, jackfield.owner_key()).await?;
    confused.send(&json!({"type": "shout"})).await?;
    assert_eq!(confused.close_code().await?, 4400);

    let follow = format!("subscription {{ runUpdates(runId: \"{run}\") {{ cursor }} }}");
    let mut twice = Socket::connect(&url, jackfield.owner_key()).await?;
    twice.send(&subscribe(&follow)).await?;
    twice.send(&subscribe(&follow)).await?;
    assert_eq!(twice.close_code().await?, 4409);

    let mut wrong = Socket::connect(&url, jackfield.owner_key()).await?;
    wrong.send(&subscribe("subscription { nothing }")).await?;
    assert_eq!(wrong.receive().await?["type"], "error");
    jackfield.owner().ended(&run).await?;
    jackfield.finish().await
}
