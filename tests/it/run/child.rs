//! Runs that a run starts and waits for.

use anyhow::Result;
use jackfield_tests::{
    Client, Engine, Jackfield, Workflow, graph, node, on_both_engines, start_then, step, steps,
};
use serde_json::{Value, json};

on_both_engines![
    the_output_of_the_child_is_the_output_of_the_step,
    the_failure_of_the_child_is_the_failure_of_the_step,
    a_child_goes_on_after_a_crash,
    a_workflow_that_starts_itself_ends,
    a_run_that_fails_while_it_begins_to_wait_leaves_nothing,
];

fn calls(workflow: &str) -> Value {
    let config = json!({"workflowId": workflow, "input": {"n": "{{ trigger.body.n }}"}});
    let nodes = [
        node("start", "manual", json!({})),
        node("child", "run-workflow", config),
        node(
            "after",
            "set",
            json!({"values": {"of_child": "{{ steps.child.output }}"}}),
        ),
        node(
            "excuse",
            "debug",
            json!({"message": "{{ steps.child.output.error }}"}),
        ),
    ];
    let edges = ["start -> child", "child -> after", "child.error -> excuse"];
    graph(nodes, &edges)
}

async fn parent_and_child(client: &Client, node: Value) -> Result<(Workflow, Workflow)> {
    let child = client.publish("Child", start_then(node)).await?;
    let parent = client.publish("Parent", calls(&child.id)).await?;
    Ok((parent, child))
}

async fn the_output_of_the_child_is_the_output_of_the_step(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let twice = node(
        "twice",
        "set",
        json!({"values": {"n": "{{ trigger.body.n * 2 }}"}}),
    );
    let (parent, child) = parent_and_child(&owner, twice).await?;
    let run = owner.run_to_end(&parent, json!({"n": 21})).await?;
    assert_eq!(
        step(&run, "after")["output"],
        json!({"of_child": {"n": 42}}),
        "{run:#}"
    );

    let runs = owner.ended_runs_of(&child, 1).await?;
    let document = "query($id: ID!) { run(id: $id) { status parent { id } } }";
    let data = owner
        .data_with(document, json!({"id": runs[0]["id"]}))
        .await?;
    assert_eq!(
        data["run"],
        json!({"status": "SUCCEEDED", "parent": {"id": run["id"]}})
    );
    jackfield.finish().await
}

async fn the_failure_of_the_child_is_the_failure_of_the_step(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let fail = node(
        "stop",
        "fail",
        json!({"message": "no {{ trigger.body.n }} left"}),
    );
    let (parent, child) = parent_and_child(&owner, fail).await?;
    let run = owner.run_to_end(&parent, json!({"n": 7})).await?;
    let error = &step(&run, "excuse")["output"]["message"];
    assert_eq!(
        (&error["code"], &error["data"]),
        (
            &json!("CHILD_FAILED"),
            &json!({"code": "FAILED", "message": "no 7 left", "nodeKey": "stop"})
        ),
        "{run:#}"
    );

    // So is that it cannot be started.
    let input = json!({"workflowId": child.id});
    owner
        .succeed("unpublishWorkflow", input, "workflow { id }")
        .await?;
    let run = owner.run_to_end(&parent, json!({"n": 7})).await?;
    let error = &step(&run, "excuse")["output"]["message"];
    assert_eq!(error["code"], "WORKFLOW_NOT_STARTED", "{run:#}");
    assert!(error["message"].to_string().contains(&child.id), "{error}");
    jackfield.finish().await
}

async fn a_child_goes_on_after_a_crash(engine: Engine) -> Result<()> {
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let sign = node("sign", "approval", json!({}));
    let (parent, child) = parent_and_child(&owner, sign).await?;
    let run = owner.start_run(&parent, json!({"n": 1})).await?;
    owner.reached(&run, "child", "WAITING").await?;
    let runs = owner.runs_of(&child).await?;
    let waiting = runs[0]["id"].as_str().unwrap_or_default();
    owner.reached(waiting, "sign", "WAITING").await?;
    jackfield.kill().await?;
    jackfield.restart().await?;

    let sign = owner.reached(waiting, "sign", "WAITING").await?;
    let input = json!({"stepId": sign["id"], "decision": "APPROVED"});
    owner
        .succeed("decideApproval", input, "step { id }")
        .await?;
    let run = owner.ended(&run).await?;
    assert_eq!(
        step(&run, "after")["output"]["of_child"]["decision"],
        "APPROVED",
        "{run:#}"
    );
    assert_eq!(owner.runs_of(&child).await?.len(), 1);
    jackfield.finish().await
}

async fn a_workflow_that_starts_itself_ends(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let note = start_then(node("note", "debug", json!({"message": "soon"})));
    let workflow = owner.publish("Circle", note).await?;
    let again = node("again", "run-workflow", json!({"workflowId": workflow.id}));
    let input = json!({"workflowId": workflow.id, "definition": start_then(again)});
    owner
        .succeed("saveWorkflow", input, "workflow { id }")
        .await?;
    let input = json!({"workflowId": workflow.id});
    owner
        .succeed("publishWorkflow", input, "workflow { id }")
        .await?;

    owner.run_to_end(&workflow, json!({})).await?;
    let runs = owner.ended_runs_of(&workflow, 11).await?;
    assert_eq!(runs.len(), 11);
    assert_eq!(runs[0]["error"]["code"], "TOO_DEEP", "{:#}", runs[0]);
    let others = runs[1..].iter().map(|run| &run["error"]["code"]);
    assert!(others.into_iter().all(|code| code == "CHILD_FAILED"));
    jackfield.finish().await
}

async fn a_run_that_fails_while_it_begins_to_wait_leaves_nothing(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let note = start_then(node("note", "debug", json!({"message": "never"})));
    let child = owner.publish("Child", note).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node("child", "run-workflow", json!({"workflowId": child.id})),
        node("event", "wait-for-event", json!({"type": "sale"})),
        node("sign", "approval", json!({})),
        node("pause", "delay", json!({"duration": "PT1H"})),
        node("stop", "fail", json!({"message": "at once"})),
    ];
    let edges = [
        "start -> child",
        "start -> event",
        "start -> sign",
        "start -> pause",
        "start -> stop",
    ];
    let run = owner.run_once(graph(nodes, &edges), json!({})).await?;
    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(run["error"]["message"], "at once", "{run:#}");
    let mut seen = steps(&run);
    seen.sort();
    let expected = [
        "child CANCELLED",
        "event CANCELLED",
        "pause CANCELLED",
        "sign CANCELLED",
        "start SUCCEEDED",
        "stop FAILED",
    ];
    assert_eq!(seen, expected);
    owner.publish_event("sale", json!({})).await?;
    assert_eq!(owner.runs_of(&child).await?, Vec::<Value>::new());
    jackfield.finish().await
}
