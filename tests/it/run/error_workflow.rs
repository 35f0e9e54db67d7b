//! The workflow that is started when a run fails.

use anyhow::Result;
use jackfield_tests::{
    Client, Engine, Jackfield, Receiver, Reply, Workflow, example, graph, node, on_both_engines,
    start_then, steps,
};
use serde_json::{Value, json};

on_both_engines![
    a_failed_run_starts_the_error_workflow,
    a_failing_error_workflow_starts_no_other,
];

#[test]
fn a_run_that_kills_the_server_again_and_again_fails() -> Result<()> {
    example(Engine::Sqlite, deadly)
}

/// A workflow whose failures are told to another one.
async fn told(client: &Client, node: Value, told: &Workflow) -> Result<Workflow> {
    let mut definition = start_then(node);
    definition["settings"] = json!({"errorWorkflowId": told.id});
    client.publish("Told", definition).await
}

fn alarm() -> Value {
    let about = json!({"about": "{{ trigger.body.run }}"});
    node("about", "set", json!({"values": about}))
}

async fn a_failed_run_starts_the_error_workflow(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let errors = owner.publish("Errors", start_then(alarm())).await?;
    let fail = node("stop", "fail", json!({"message": "{{ trigger.body.why }}"}));
    let workflow = told(&owner, fail, &errors).await?;
    let run = owner
        .run_to_end(&workflow, json!({"why": "no stock"}))
        .await?;

    let runs = owner.ended_runs_of(&errors, 1).await?;
    let about = &runs[0]["output"]["about"];
    assert_eq!(about["id"], run["id"], "{:#}", runs[0]);
    assert_eq!(about["workflowId"], json!(workflow.id), "{about:#}");
    assert_eq!(
        about["error"],
        json!({"code": "FAILED", "message": "no stock", "nodeKey": "stop"})
    );
    assert_eq!(about["input"]["body"], json!({"why": "no stock"}));

    // Neither success nor a person's wish is a failure.
    let pause = node(
        "pause",
        "delay",
        json!({"duration": "PT{{ trigger.body.seconds }}S"}),
    );
    let workflow = told(&owner, pause, &errors).await?;
    owner.run_to_end(&workflow, json!({"seconds": 0})).await?;
    let run = owner.start_run(&workflow, json!({"seconds": 60})).await?;
    owner.reached(&run, "pause", "WAITING").await?;
    let input = json!({"runId": run});
    owner.succeed("cancelRun", input, "run { id }").await?;
    owner.ended(&run).await?;
    assert_eq!(owner.runs_of(&errors).await?.len(), 1);
    jackfield.finish().await
}

async fn a_failing_error_workflow_starts_no_other(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let last = owner.publish("Last", start_then(alarm())).await?;
    let fail = || node("stop", "fail", json!({"message": "no"}));
    let errors = told(&owner, fail(), &last).await?;
    let workflow = told(&owner, fail(), &errors).await?;
    owner.run_to_end(&workflow, json!({})).await?;
    owner.ended_runs_of(&errors, 1).await?;
    assert_eq!(owner.runs_of(&last).await?, Vec::<Value>::new());
    jackfield.finish().await
}

async fn deadly(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/deadly", [Reply::hang()]);
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let errors = owner.publish("Errors", start_then(alarm())).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node(
            "call",
            "api-endpoint",
            json!({"url": outside.url("/deadly")}),
        ),
        node("pause", "delay", json!({"duration": "PT1H"})),
    ];
    let mut definition = graph(nodes, &["start -> call", "start -> pause"]);
    definition["settings"] = json!({"errorWorkflowId": errors.id});
    let workflow = owner.publish("Deadly", definition).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    for deaths in 1..=21 {
        outside.wait_for(deaths).await?;
        jackfield.kill().await?;
        jackfield.restart().await?;
    }
    let run = owner.ended(&run).await?;
    assert_eq!(run["error"]["code"], "RECOVERY_EXHAUSTED", "{run:#}");
    assert_eq!(
        steps(&run),
        ["start SUCCEEDED", "call FAILED", "pause CANCELLED"]
    );
    let runs = owner.ended_runs_of(&errors, 1).await?;
    let about = &runs[0]["output"]["about"];
    assert_eq!(about["id"], run["id"], "{about:#}");
    assert_eq!(about["error"]["code"], "RECOVERY_EXHAUSTED", "{about:#}");
    assert_eq!(outside.requests().len(), 21);
    jackfield.finish().await
}
