//! Runs that would wait for each other's slots for ever.

use anyhow::{Context, Result, ensure};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, Engine, Jackfield, Workflow, graph, node, on_both_engines, step, steps,
};
use serde_json::{Value, json};

on_both_engines![
    the_run_that_closes_the_circle_is_turned_away,
    a_circle_of_many_is_seen,
];

/// Waits for a person, then for a run of the workflow that `trigger.body.calls` names, if it names one. One run at a time.
fn one_at_a_time() -> Value {
    let nodes = [
        node("start", "manual", json!({})),
        node("sign", "approval", json!({})),
        node(
            "calls",
            "if",
            json!({"condition": "{{ trigger.body.calls is defined }}"}),
        ),
        node(
            "call",
            "run-workflow",
            json!({"workflowId": "{{ trigger.body.calls }}", "input": {}}),
        ),
    ];
    let edges = [
        "start -> sign",
        "sign.approved -> calls",
        "calls.true -> call",
    ];
    let mut definition = graph(nodes, &edges);
    definition["settings"] = json!({"concurrency": {"limit": 1}});
    definition
}

async fn approve(client: &Client, run: &str) -> Result<()> {
    let sign = client.reached(run, "sign", "WAITING").await?;
    let input = json!({"stepId": sign["id"], "decision": "APPROVED"});
    client
        .succeed("decideApproval", input, "step { id }")
        .await?;
    Ok(())
}

/// As many workflows, with a run of each that is to call the next one.
async fn circle(client: &Client, size: usize) -> Result<Vec<(Workflow, String)>> {
    let mut workflows = Vec::new();
    for n in 0..size {
        workflows.push(client.publish(&format!("No. {n}"), one_at_a_time()).await?);
    }
    let mut circle = Vec::new();
    for (n, workflow) in workflows.iter().enumerate() {
        let next = &workflows[(n + 1) % size];
        let run = client
            .start_run(workflow, json!({"calls": next.id}))
            .await?;
        client.reached(&run, "sign", "WAITING").await?;
        circle.push((workflow.clone(), run));
    }
    Ok(circle)
}

/// The run of a workflow that waits for a slot, once there is one.
async fn queued(client: &Client, workflow: &Workflow) -> Result<String> {
    for _ in 0..500 {
        let runs = client.runs_of(workflow).await?;
        if let Some(run) = runs.iter().find(|run| run["status"] == "QUEUED") {
            let id = run["id"].as_str().context("a run has an id")?;
            return Ok(id.to_owned());
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    anyhow::bail!("no run of {} waits for a slot", workflow.id)
}

async fn the_run_that_closes_the_circle_is_turned_away(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let circle = circle(&owner, 2).await?;
    let [(_, first), (second_workflow, second)] = &circle[..] else {
        anyhow::bail!("a circle of two");
    };
    // Waiting for somebody who gets done is no circle.
    approve(&owner, first).await?;
    let waits = queued(&owner, second_workflow).await?;
    approve(&owner, second).await?;

    let failed = owner.ended(second).await?;
    let mut error = failed["error"].clone();
    error["message"] = json!("run_… ended as CANCELLED");
    allow_duplicates! {
        assert_json_snapshot!(error, @r#"
    {
      "code": "CHILD_FAILED",
      "message": "run_… ended as CANCELLED",
      "data": {
        "code": "CONCURRENCY_DEADLOCK",
        "message": "the runs that hold the slots of its workflow wait, themselves or over others, for a slot that comes free only when this run is over, so it would wait for ever; raise one of the limits, or let only one of these workflows be limited"
      },
      "nodeKey": "call"
    }
    "#);
    }
    assert_eq!(
        steps(&failed),
        [
            "start SUCCEEDED",
            "sign SUCCEEDED",
            "calls SUCCEEDED",
            "call FAILED"
        ]
    );
    // Its slot is free now.
    approve(&owner, &waits).await?;
    let went_on = owner.ended(first).await?;
    assert_eq!(step(&went_on, "call")["status"], "SUCCEEDED", "{went_on:#}");
    jackfield.finish().await
}

async fn a_circle_of_many_is_seen(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let circle = circle(&owner, 4).await?;
    for (n, (_, run)) in circle.iter().enumerate() {
        approve(&owner, run).await?;
        if n + 1 < circle.len() {
            queued(&owner, &circle[n + 1].0).await?;
        }
    }
    let last = owner.ended(&circle[3].1).await?;
    ensure!(
        last["error"]["data"]["code"] == "CONCURRENCY_DEADLOCK",
        "{last:#}"
    );
    // The others get done, the one before the last first.
    for n in (0..3).rev() {
        let called = owner.runs_of(&circle[n + 1].0).await?;
        let called = called[0]["id"].as_str().unwrap_or_default();
        approve(&owner, called).await?;
        let run = owner.ended(&circle[n].1).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }
    jackfield.finish().await
}
