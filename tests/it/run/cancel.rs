//! Runs stopped by hand: what they wait for is given up, and what is under way is ended.

use anyhow::Result;
use jackfield_tests::{
    Client, Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, start_then, step,
    steps,
};
use serde_json::{Value, json};

on_both_engines![
    a_run_that_waits_is_cancelled,
    a_call_under_way_is_ended,
    the_runs_that_a_run_waits_for_are_cancelled,
    a_run_that_is_over_is_not_cancelled,
];

async fn cancel(client: &Client, run: &str, reason: &str) -> Result<Value> {
    let input = json!({"runId": run, "reason": reason});
    client.succeed("cancelRun", input, "run { id }").await?;
    client.ended(run).await
}

async fn a_run_that_waits_is_cancelled(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/down", [Reply::json(503, &json!({}))]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut down = node("down", "api-endpoint", json!({"url": outside.url("/down")}));
    down["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT1H", "maxDelay": "PT1H"});
    let nodes = [
        node("start", "manual", json!({})),
        node("pause", "delay", json!({"duration": "PT1H"})),
        node("sign", "approval", json!({"message": "Go on?"})),
        node("paid", "wait-for-event", json!({"type": "paid"})),
        down,
        node(
            "later",
            "api-endpoint",
            json!({"url": outside.url("/later")}),
        ),
    ];
    let edges = [
        "start -> pause",
        "start -> sign",
        "start -> paid",
        "start -> down",
        "pause -> later",
        "sign.approved -> later",
        "paid -> later",
        "down -> later",
    ];
    let workflow = owner.publish("Waits", graph(nodes, &edges)).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    for key in ["pause", "sign", "paid", "down"] {
        owner.reached(&run, key, "WAITING").await?;
    }

    let run = cancel(&owner, &run, "no longer wanted").await?;
    assert_eq!(run["status"], "CANCELLED");
    assert_eq!(
        run["error"],
        json!({"code": "CANCELLED", "message": "no longer wanted"})
    );
    let mut seen = steps(&run);
    seen.sort();
    let expected = [
        "down CANCELLED",
        "paid CANCELLED",
        "pause CANCELLED",
        "sign CANCELLED",
        "start SUCCEEDED",
    ];
    assert_eq!(seen, expected, "{run:#}");

    // What it waited for comes too late.
    owner.publish_event("paid", json!({})).await?;
    let input = json!({"stepId": step(&run, "sign")["id"], "decision": "APPROVED"});
    let late = owner.mutate("decideApproval", input, "step { id }").await?;
    assert_eq!(late["userErrors"][0]["code"], "CONFLICT", "{late:#}");
    assert_eq!(outside.requests().len(), 1);
    jackfield.finish().await
}

/// A call that nobody answers, and one that would come after it.
fn endless(outside: &Receiver) -> Value {
    outside.answer("/endless", [Reply::hang()]);
    let call = |key: &str| {
        let url = outside.url(&format!("/{key}"));
        node(key, "api-endpoint", json!({"url": url, "method": "POST"}))
    };
    let nodes = [
        node("start", "manual", json!({})),
        call("endless"),
        call("later"),
    ];
    graph(nodes, &["start -> endless", "endless -> later"])
}

async fn a_call_under_way_is_ended(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Endless", endless(&outside)).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    outside.wait_for(1).await?;

    let run = cancel(&owner, &run, "").await?;
    outside.wait_for_abandoned(1).await?;
    assert_eq!(run["status"], "CANCELLED");
    assert_eq!(steps(&run), ["start SUCCEEDED", "endless CANCELLED"]);
    let message = run["error"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("cancelled by key_"), "{message}");

    // The plugin is as good as before.
    outside.answer("/endless", [Reply::default()]);
    let run = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(outside.requests_to("/later").len(), 1);
    jackfield.finish().await
}

async fn the_runs_that_a_run_waits_for_are_cancelled(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let inner = owner.publish("Inner", endless(&outside)).await?;
    let middle = start_then(node(
        "inner",
        "run-workflow",
        json!({"workflowId": inner.id}),
    ));
    let middle = owner.publish("Middle", middle).await?;
    let outer = start_then(node(
        "middle",
        "run-workflow",
        json!({"workflowId": middle.id}),
    ));
    let outer = owner.publish("Outer", outer).await?;
    let run = owner.start_run(&outer, json!({})).await?;
    outside.wait_for(1).await?;

    cancel(&owner, &run, "enough").await?;
    outside.wait_for_abandoned(1).await?;
    for workflow in [&outer, &middle, &inner] {
        let runs = owner.ended_runs_of(workflow, 1).await?;
        assert_eq!(runs[0]["status"], "CANCELLED", "{:#}", runs[0]);
    }
    assert_eq!(outside.requests().len(), 1);
    jackfield.finish().await
}

async fn a_run_that_is_over_is_not_cancelled(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let note = start_then(node("note", "debug", json!({"message": "done"})));
    let run = owner.run_once(note, json!({})).await?;
    let refused = async |run: Value| {
        let input = json!({"runId": run});
        let payload = owner.mutate("cancelRun", input, "run { id }").await?;
        anyhow::Ok(payload["userErrors"].clone())
    };
    assert_eq!(
        refused(run["id"].clone()).await?,
        json!([{"field": ["input", "runId"], "code": "CONFLICT", "message": "the run is over already"}])
    );
    assert_eq!(
        refused(json!("run_01ARZ3NDEKTSV4RRFFQ69G5FAV")).await?[0]["code"],
        "NOT_FOUND"
    );
    jackfield.finish().await
}
