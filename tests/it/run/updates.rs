//! `runUpdates`: follows runs while they happen.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Socket, Subscription, node, on_both_engines, start_then};
use serde_json::{Value, json};

on_both_engines![
    a_follower_of_one_run_sees_no_other,
    a_follower_resumes_after_a_cursor_without_a_gap,
    a_socket_is_closed_as_the_protocol_says,
];

const FOLLOW: &str = "subscription($run: ID, $after: String) {
    runUpdates(runId: $run, after: $after) { cursor run { id status } step { nodeKey status } }
}";

async fn a_follower_of_one_run_sees_no_other(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let note = start_then(node("note", "debug", json!({"message": "seen"})));
    let workflow = jackfield.owner().publish("Note", note).await?;
    let first = jackfield.owner().start_run(&workflow, json!({})).await?;
    let second = jackfield.owner().start_run(&workflow, json!({})).await?;
    jackfield.owner().ended(&first).await?;
    jackfield.owner().ended(&second).await?;

    // A follower that comes late is shown how it ended.
    let mut updates = jackfield.subscribe(FOLLOW, json!({"run": second})).await?;
    let seen = updates
        .collect_until(|data| data["runUpdates"]["run"]["status"] == "SUCCEEDED")
        .await?;
    assert!(
        seen.iter()
            .all(|data| data["runUpdates"]["run"]["id"] == json!(second)),
        "{seen:#?}"
    );
    jackfield.finish().await
}

async fn a_follower_resumes_after_a_cursor_without_a_gap(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let note = start_then(node("note", "debug", json!({"message": "seen"})));
    let workflow = jackfield.owner().publish("Note", note).await?;
    let mut updates = jackfield.subscribe(FOLLOW, json!({})).await?;

    let first = jackfield.owner().start_run(&workflow, json!({})).await?;
    let seen = until_ended(&mut updates, &first).await?;
    let cursor = seen.last().map(|data| data["runUpdates"]["cursor"].clone());
    drop(updates);
    let second = jackfield.owner().start_run(&workflow, json!({})).await?;
    jackfield.owner().ended(&second).await?;

    let mut updates = jackfield
        .subscribe(FOLLOW, json!({"after": cursor}))
        .await?;
    let resumed = until_ended(&mut updates, &second).await?;
    assert!(
        resumed
            .iter()
            .all(|data| data["runUpdates"]["run"]["id"] == json!(second)),
        "{resumed:#?}"
    );
    jackfield.finish().await
}

async fn until_ended(updates: &mut Subscription, run: &str) -> Result<Vec<Value>> {
    let ended = json!({"id": run, "status": "SUCCEEDED"});
    updates
        .collect_until(|data| data["runUpdates"]["run"] == ended)
        .await
}

async fn a_socket_is_closed_as_the_protocol_says(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let url = jackfield.url("/graphql");
    let subscribe =
        |query: &str| json!({"id": "1", "type": "subscribe", "payload": {"query": query}});

    let mut early = Socket::open(&url).await?;
    early.send(&subscribe("{ __typename }")).await?;
    assert_eq!(early.close_code().await?, 4401);

    let mut stranger = Socket::open(&url).await?;
    let payload = json!({"Authorization": "Bearer jackfield_sk_wrong"});
    stranger
        .send(&json!({"type": "connection_init", "payload": payload}))
        .await?;
    assert_eq!(stranger.close_code().await?, 4403);

    let mut confused = Socket::connect(&url, jackfield.owner_key()).await?;
    confused.send(&json!({"type": "shout"})).await?;
    assert_eq!(confused.close_code().await?, 4400);

    let mut twice = Socket::connect(&url, jackfield.owner_key()).await?;
    let follow = "subscription { runUpdates { cursor } }";
    twice.send(&subscribe(follow)).await?;
    twice.send(&subscribe(follow)).await?;
    assert_eq!(twice.close_code().await?, 4409);

    let mut wrong = Socket::connect(&url, jackfield.owner_key()).await?;
    wrong.send(&subscribe("subscription { nothing }")).await?;
    assert_eq!(wrong.receive().await?["type"], "error");
    jackfield.finish().await
}
