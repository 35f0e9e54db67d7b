//! Instants start runs, each once.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, Result};
use jackfield_tests::{
    Client, Engine, Jackfield, Setup, Workflow, example, graph, node, on_both_engines,
};
use serde_json::{Value, json};
use tokio::time::sleep;

on_both_engines![
    a_schedule_starts_a_run_for_each_instant,
    a_schedule_that_cannot_be_is_refused,
];

#[test]
fn an_instant_is_fired_once_however_many_nodes_watch() -> Result<()> {
    example(Engine::Postgres, two_nodes)
}

fn every_second() -> Value {
    let nodes = [
        node(
            "tick",
            "schedule",
            json!({"cron": "* * * * * *", "timeZone": "Europe/Berlin"}),
        ),
        node(
            "note",
            "set",
            json!({"values": {"at": "{{ trigger.body.scheduledFor }}", "missed": "{{ trigger.body.missed }}"}}),
        ),
    ];
    graph(nodes, &["tick -> note"])
}

/// Waits for some runs, then withdraws the workflow. Returns for which instants there were runs.
async fn watch(client: &Client, workflow: &Workflow) -> Result<Vec<String>> {
    client.ended_runs_of(workflow, 3).await?;
    client
        .succeed(
            "unpublishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;
    let count = client.runs_of(workflow).await?.len();
    let runs = client.ended_runs_of(workflow, count).await?;
    runs.iter()
        .map(|run| {
            assert_eq!(run["output"]["missed"], false, "{run:#}");
            let at = run["output"]["at"].as_str();
            Ok(at.context("each run has its instant")?.to_owned())
        })
        .collect()
}

async fn a_schedule_starts_a_run_for_each_instant(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Every second", every_second()).await?;
    let document =
        "query($id: ID!) { workflow(id: $id) { nextRunAt triggers { kind nextRunAt } } }";
    let shown = owner
        .data_with(document, json!({"id": workflow.id}))
        .await?;
    assert!(shown["workflow"]["nextRunAt"].is_string(), "{shown:#}");
    assert_eq!(shown["workflow"]["triggers"][0]["kind"], "SCHEDULE");
    let instants = watch(&owner, &workflow).await?;
    assert_eq!(
        instants.iter().collect::<HashSet<_>>().len(),
        instants.len()
    );
    jackfield.finish().await
}

async fn a_schedule_that_cannot_be_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node(
            "tick",
            "schedule",
            json!({"cron": "61 * * * *", "timeZone": "Berlin"}),
        ),
        node("note", "debug", json!({"message": "x"})),
    ];
    let input = json!({"name": "Never", "definition": graph(nodes, &["tick -> note"])});
    let payload = jackfield
        .owner()
        .mutate("createWorkflow", input, "workflow { id }")
        .await?;
    let fields: Vec<_> = payload["userErrors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["field"].to_string())
        .collect();
    assert_eq!(
        fields,
        [
            r#"["input","definition","nodes","0","config","cron"]"#,
            r#"["input","definition","nodes","0","config","timeZone"]"#
        ],
        "{payload:#}"
    );
    jackfield.finish().await
}

async fn two_nodes(_: Engine) -> Result<()> {
    let first = Setup::new(Engine::Postgres)?.start().await?;
    let second = Setup::node_of(&first)?.start().await?;
    let workflow = first
        .owner()
        .publish("Every second", every_second())
        .await?;
    sleep(Duration::from_secs(2)).await;
    let instants = watch(&second.owner(), &workflow).await?;
    assert_eq!(
        instants.iter().collect::<HashSet<_>>().len(),
        instants.len(),
        "{instants:?}"
    );
    first.finish().await?;
    second.finish().await
}
