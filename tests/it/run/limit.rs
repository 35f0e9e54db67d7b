//! Limits of runs under way, and priorities, as a user sees them.

use std::time::Duration;

use anyhow::{Result, ensure};
use jackfield_tests::{
    Client, Engine, Jackfield, Setup, Workflow, example, node, on_both_engines, start_then,
};
use serde_json::{Value, json};

on_both_engines![
    a_run_beyond_the_limit_begins_when_another_ends,
    a_run_takes_the_place_of_the_oldest,
    a_run_without_room_is_dropped,
    a_run_that_starts_its_own_workflow_does_not_wait_for_itself,
    bad_limits_are_refused,
];

/// A workflow that waits for a person.
fn limited(concurrency: Value) -> Value {
    let mut definition = start_then(node("sign", "approval", json!({"message": "Go on?"})));
    definition["settings"] = json!({ "concurrency": concurrency });
    definition
}

async fn start(client: &Client, workflow: &Workflow, input: Value) -> Result<String> {
    client.start_run(workflow, input).await
}

async fn seen(client: &Client, run: &str) -> Result<Value> {
    let document =
        "query ($id: ID!) { run(id: $id) { status error waitsForSlot concurrencyGroup priority } }";
    Ok(client.data_with(document, json!({"id": run})).await?["run"].clone())
}

/// Waits until the run has that status, for a much shorter time than the engine's own look around takes.
async fn until(client: &Client, run: &str, status: &str) -> Result<Value> {
    for _ in 0..500 {
        let seen = seen(client, run).await?;
        if seen["status"] == status {
            return Ok(seen);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let seen = seen(client, run).await?;
    ensure!(seen["status"] == status, "not {status}: {seen:#}");
    Ok(seen)
}

/// The runs under way once there are two of them; never are there more.
async fn two_under_way(client: &Client, workflow: &Workflow) -> Result<Vec<String>> {
    loop {
        let mut under_way = Vec::new();
        for run in client.runs_of(workflow).await? {
            if run["status"] == "WAITING" || run["status"] == "RUNNING" {
                under_way.push(run["id"].as_str().unwrap_or_default().to_owned());
            }
        }
        ensure!(under_way.len() <= 2, "more than two at once: {under_way:?}");
        if under_way.len() == 2 {
            return Ok(under_way);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn cancel(client: &Client, run: &str) -> Result<()> {
    client
        .succeed("cancelRun", json!({"runId": run}), "run { id }")
        .await?;
    until(client, run, "CANCELLED").await?;
    Ok(())
}

async fn a_run_beyond_the_limit_begins_when_another_ends(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let per_customer = json!({"limit": 1, "key": "{{ trigger.body.customer }}"});
    let workflow = owner.publish("Sign", limited(per_customer)).await?;
    let first = start(&owner, &workflow, json!({"customer": "a"})).await?;
    until(&owner, &first, "WAITING").await?;
    let second = start(&owner, &workflow, json!({"customer": "a"})).await?;
    let urgent = json!({"workflowId": workflow.id, "input": {"customer": "a"}, "priority": "HIGH"});
    let urgent = owner
        .succeed("startRun", urgent, "run { id priority }")
        .await?;
    assert_eq!(urgent["run"]["priority"], "HIGH");
    let urgent = urgent["run"]["id"].as_str().unwrap_or_default().to_owned();
    let other = start(&owner, &workflow, json!({"customer": "b"})).await?;
    until(&owner, &other, "WAITING").await?;
    assert_eq!(
        seen(&owner, &second).await?,
        json!({"status": "QUEUED", "error": null, "waitsForSlot": true, "concurrencyGroup": "a", "priority": "NORMAL"})
    );
    cancel(&owner, &first).await?;
    until(&owner, &urgent, "WAITING").await?;
    assert_eq!(seen(&owner, &second).await?["waitsForSlot"], true);
    cancel(&owner, &urgent).await?;
    until(&owner, &second, "WAITING").await?;
    for run in [&second, &other] {
        cancel(&owner, run).await?;
    }
    jackfield.finish().await
}

#[test]
fn two_servers_keep_one_limit() -> Result<()> {
    example(Engine::Postgres, two_servers)
}

async fn two_servers(engine: Engine) -> Result<()> {
    let here = Jackfield::start(engine).await?;
    let there = Setup::node_of(&here)?.start().await?;
    let (one, two) = (here.owner(), there.owner());
    let workflow = one.publish("Sign", limited(json!({"limit": 2}))).await?;
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(start(&one, &workflow, json!({})).await?);
        runs.push(start(&two, &workflow, json!({})).await?);
    }
    while !runs.is_empty() {
        let two_wait = two_under_way(&one, &workflow).await?;
        for run in &two_wait {
            cancel(&two, run).await?;
        }
        runs.retain(|run| !two_wait.contains(run));
    }
    there.finish().await?;
    here.finish().await
}

async fn a_run_takes_the_place_of_the_oldest(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let newest = json!({"limit": 1, "onFull": "CANCEL_OLDEST"});
    let workflow = owner.publish("Sign", limited(newest)).await?;
    let first = start(&owner, &workflow, json!({})).await?;
    until(&owner, &first, "WAITING").await?;
    let second = start(&owner, &workflow, json!({})).await?;
    let cancelled = until(&owner, &first, "CANCELLED").await?;
    let why = format!("{second} took its place: `onFull` is CANCEL_OLDEST");
    assert_eq!(
        cancelled["error"],
        json!({"code": "CANCELLED", "message": why})
    );
    until(&owner, &second, "WAITING").await?;
    cancel(&owner, &second).await?;
    jackfield.finish().await
}

async fn a_run_without_room_is_dropped(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let one = json!({"limit": 1, "onFull": "DROP"});
    let workflow = owner.publish("Sign", limited(one)).await?;
    let first = start(&owner, &workflow, json!({})).await?;
    until(&owner, &first, "WAITING").await?;
    let input = json!({ "workflowId": workflow.id });
    let dropped = owner
        .succeed("startRun", input, "run { status error }")
        .await?;
    assert_eq!(dropped["run"]["status"], "CANCELLED");
    assert_eq!(dropped["run"]["error"]["code"], "CONCURRENCY_LIMIT");
    cancel(&owner, &first).await?;
    jackfield.finish().await
}

async fn a_run_that_starts_its_own_workflow_does_not_wait_for_itself(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Again", limited(json!({"limit": 1}))).await?;
    let again = json!({
        "nodes": [
            node("start", "manual", json!({})),
            node("more", "if", json!({"condition": "{{ trigger.body.more }}"})),
            node("again", "run-workflow", json!({"workflowId": workflow.id, "input": {"more": false}})),
        ],
        "edges": [{"from": "start", "to": "more"}, {"from": "more", "fromPort": "true", "to": "again"}],
        "settings": {"concurrency": {"limit": 1}},
    });
    let save = json!({"workflowId": workflow.id, "definition": again});
    owner
        .succeed("saveWorkflow", save, "workflow { id }")
        .await?;
    let publish = json!({ "workflowId": workflow.id });
    owner
        .succeed("publishWorkflow", publish, "workflow { id }")
        .await?;
    let run = owner.run_to_end(&workflow, json!({"more": true})).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    jackfield.finish().await
}

async fn bad_limits_are_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut said = Vec::new();
    for concurrency in [
        json!({"limit": 0}),
        json!({"limit": 1, "key": "customer"}),
        json!({"limit": 1, "key": "{{ steps.sign.output }}"}),
    ] {
        let input = json!({"name": "Bad", "definition": limited(concurrency)});
        let refused = owner
            .mutate("createWorkflow", input, "userErrors { field code message }")
            .await?;
        for error in refused["userErrors"].as_array().into_iter().flatten() {
            said.push(format!("{}: {}", error["field"], error["message"]));
        }
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    ["input","definition","settings","concurrency","limit"]: "has to be a whole number from 1 to 10000"
    ["input","definition","settings","concurrency","key"]: "is the same for every run; it has to hold an expression such as {{ trigger.body.customer }}"
    ["input","definition","settings","concurrency","key"]: "reads a step, but it is asked before the run begins: only `trigger` is there then"
    "#);
    jackfield.finish().await
}
