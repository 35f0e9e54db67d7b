//! Events start the runs of workflows that wait for them.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    events_of_these_types_start_runs,
    a_filter_chooses_among_events,
    a_filter_that_fails_is_shown_on_the_workflow,
    one_workflow_has_several_triggers,
];

fn on_event(config: Value) -> Value {
    let nodes = [
        node("happened", "event", config),
        node(
            "note",
            "set",
            json!({"values": {"n": "{{ trigger.body.n }}", "type": "{{ trigger.event.type }}", "id": "{{ trigger.event.id }}"}}),
        ),
    ];
    graph(nodes, &["happened -> note"])
}

async fn events_of_these_types_start_runs(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let types = json!({"types": ["order.placed", "invoice.*"]});
    let workflow = owner.publish("On events", on_event(types)).await?;
    let mut wanted = Vec::new();
    for (n, event_type) in [
        "order.placed",
        "order.placed.late",
        "invoice.paid",
        "x.invoice.paid",
    ]
    .iter()
    .enumerate()
    {
        let id = owner.publish_event(event_type, json!({"n": n})).await?;
        if n % 2 == 0 {
            wanted.push(json!({"n": n, "type": event_type, "id": id}));
        }
    }
    let runs = owner.ended_runs_of(&workflow, 2).await?;
    let outputs: Vec<_> = runs.iter().rev().map(|run| run["output"].clone()).collect();
    assert_eq!(outputs, wanted);

    // Nothing starts what is not published any more.
    owner
        .succeed(
            "unpublishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;
    owner.publish_event("order.placed", json!({"n": 9})).await?;
    assert_eq!(owner.runs_of(&workflow).await?.len(), 2);
    jackfield.finish().await
}

async fn a_filter_chooses_among_events(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let config = json!({"types": ["*"], "filter": "{{ trigger.body.n > 2 and trigger.event.source == 'api' }}"});
    let workflow = owner.publish("Large", on_event(config)).await?;
    for n in 0..5 {
        owner.publish_event("sale", json!({"n": n})).await?;
    }
    let runs = owner.ended_runs_of(&workflow, 2).await?;
    let seen: Vec<_> = runs.iter().map(|run| run["output"]["n"].clone()).collect();
    assert_eq!(seen, [json!(4), json!(3)]);
    jackfield.finish().await
}

async fn a_filter_that_fails_is_shown_on_the_workflow(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let config = json!({"types": ["sale"], "filter": "{{ trigger.body.amount > 2 }}"});
    let workflow = owner.publish("Fails", on_event(config)).await?;
    owner.publish_event("sale", json!({"n": 1})).await?;
    let document = "query($id: ID!) { workflow(id: $id) { triggers { nodeKey kind error } } }";
    let mut triggers = Value::Null;
    for _ in 0..200 {
        let data = owner
            .data_with(document, json!({"id": workflow.id}))
            .await?;
        triggers = data["workflow"]["triggers"].clone();
        if !triggers[0]["error"].is_null() {
            break;
        }
    }
    assert_eq!(
        (&triggers[0]["nodeKey"], &triggers[0]["kind"]),
        (&json!("happened"), &json!("EVENT"))
    );
    let error = triggers[0]["error"].as_str().unwrap_or_default();
    assert!(
        error.contains("amount") && error.contains("evt_"),
        "{error}"
    );
    assert_eq!(owner.runs_of(&workflow).await?.len(), 0);
    jackfield.finish().await
}

async fn one_workflow_has_several_triggers(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node("asked", "manual", json!({})),
        node("posted", "webhook", json!({})),
        node("happened", "event", json!({"types": ["webhook.*", "sale"]})),
        node("note", "debug", json!({"message": "{{ trigger.body }}"})),
    ];
    let edges = ["asked -> note", "posted -> note", "happened -> note"];
    let workflow = owner.publish("Many", graph(nodes, &edges)).await?;
    owner.start_run(&workflow, json!(1)).await?;
    owner.publish_event("sale", json!(2)).await?;
    // What a webhook receives is an event too: it starts both.
    workflow.hooks[0].post_json(&json!(3)).await?;
    let runs = owner.ended_runs_of(&workflow, 4).await?;
    assert_eq!(runs.len(), 4);
    assert!(
        runs.iter().all(|run| run["status"] == "SUCCEEDED"),
        "{runs:#?}"
    );
    jackfield.finish().await
}
