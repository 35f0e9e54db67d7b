//! Events start the runs of workflows that wait for them.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, Workflow, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    events_of_these_types_start_runs,
    a_filter_chooses_among_events,
    a_filter_that_fails_is_shown_on_the_workflow,
    one_workflow_has_several_triggers,
    a_list_starts_runs_of_limited_workflows,
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

/// Waits for a person; one run per customer at a time.
fn limited(on_full: &str) -> Value {
    let nodes = [
        node("happened", "event", json!({"types": ["order.*"]})),
        node("sign", "approval", json!({})),
        node(
            "note",
            "set",
            json!({"values": {"n": "{{ trigger.body.n }}"}}),
        ),
    ];
    let mut definition = graph(nodes, &["happened -> sign", "sign.approved -> note"]);
    let concurrency = json!({"limit": 1, "key": "{{ trigger.body.customer }}", "onFull": on_full});
    definition["settings"] = json!({ "concurrency": concurrency });
    definition
}

/// The runs of a workflow by the number of their event: how they are, whether they wait for a slot, why they are over.
async fn by_number(client: &Client, workflow: &Workflow) -> Result<Vec<Value>> {
    let document = "query($id: ID!) { runs(filter: {workflowId: $id}) { nodes {
        id status waitsForSlot concurrencyGroup input error
    } } }";
    let variables = json!({"id": workflow.id});
    let mut runs = client.data_with(document, variables).await?["runs"]["nodes"].take();
    let mut seen: Vec<Value> = runs.as_array_mut().map(std::mem::take).unwrap_or_default();
    seen.sort_by_key(|run| run["input"]["body"]["n"].as_i64());
    for run in &mut seen {
        run["n"] = run["input"]["body"]["n"].take();
        run.as_object_mut().and_then(|run| run.remove("input"));
    }
    Ok(seen)
}

#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "each answer is shown whole"
)]
async fn a_list_starts_runs_of_limited_workflows(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let queue = owner.publish("Queue", limited("QUEUE")).await?;
    let drop = owner.publish("Drop", limited("DROP")).await?;
    let order = |n: i32, customer: &str| json!({"n": n, "customer": customer});
    let events = json!([
        {"type": "order.placed", "data": order(0, "a"), "idempotencyKey": "0"},
        {"type": "order.placed", "data": order(1, "b"), "idempotencyKey": "1"},
        {"type": "nobody.waits", "data": order(2, "a"), "idempotencyKey": "2"},
        {"type": "order.changed", "data": order(3, "a"), "idempotencyKey": "3"},
        {"type": "order.changed", "data": order(4, "a"), "idempotencyKey": "4"},
    ]);
    let mut faulty = events.clone();
    faulty[4]["type"] = json!("no type");
    let input = json!({"events": faulty});
    let refused = owner
        .mutate("publishEvents", input, "events { id }")
        .await?;
    assert_eq!(refused["events"], Value::Null, "{refused:#}");
    assert_eq!(by_number(&owner, &queue).await?, Vec::<Value>::new());

    // The same list again is the same events and starts nothing more.
    for _ in 0..2 {
        let input = json!({"events": events});
        let stored = owner.succeed("publishEvents", input, "events { id }");
        assert_eq!(stored.await?["events"].as_array().map(Vec::len), Some(5));
    }
    let mut told = Vec::new();
    for workflow in [&queue, &drop] {
        for run in by_number(&owner, workflow).await? {
            let id = run["id"].as_str().unwrap_or_default();
            if run["waitsForSlot"] == false && run["error"].is_null() {
                owner.reached(id, "sign", "WAITING").await?;
            }
        }
        for mut run in by_number(&owner, workflow).await? {
            run.as_object_mut().and_then(|run| run.remove("id"));
            told.push(run);
        }
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
    [
      {
        "error": null,
        "status": "WAITING",
        "waitsForSlot": false,
        "concurrencyGroup": "a",
        "n": 0
      },
      {
        "error": null,
        "status": "WAITING",
        "waitsForSlot": false,
        "concurrencyGroup": "b",
        "n": 1
      },
      {
        "error": null,
        "status": "QUEUED",
        "waitsForSlot": true,
        "concurrencyGroup": "a",
        "n": 3
      },
      {
        "error": null,
        "status": "QUEUED",
        "waitsForSlot": true,
        "concurrencyGroup": "a",
        "n": 4
      },
      {
        "error": null,
        "status": "WAITING",
        "waitsForSlot": false,
        "concurrencyGroup": "a",
        "n": 0
      },
      {
        "error": null,
        "status": "WAITING",
        "waitsForSlot": false,
        "concurrencyGroup": "b",
        "n": 1
      },
      {
        "error": {
          "code": "CONCURRENCY_LIMIT",
          "message": "the workflow had as many runs under way as its `concurrency.limit` of 1 allows, and its `onFull` is DROP"
        },
        "status": "CANCELLED",
        "waitsForSlot": false,
        "concurrencyGroup": "a",
        "n": 3
      },
      {
        "error": {
          "code": "CONCURRENCY_LIMIT",
          "message": "the workflow had as many runs under way as its `concurrency.limit` of 1 allows, and its `onFull` is DROP"
        },
        "status": "CANCELLED",
        "waitsForSlot": false,
        "concurrencyGroup": "a",
        "n": 4
      }
    ]
    "#);
    }

    // In the order of the list, each begins when the one before has ended.
    for run in by_number(&owner, &queue).await? {
        let id = run["id"].as_str().unwrap_or_default();
        let sign = owner.reached(id, "sign", "WAITING").await?;
        let input = json!({"stepId": sign["id"], "decision": "APPROVED"});
        owner
            .succeed("decideApproval", input, "step { id }")
            .await?;
        let ended = owner.ended(id).await?;
        assert_eq!(ended["output"], json!({"n": run["n"]}), "{ended:#}");
    }
    for run in by_number(&owner, &drop).await? {
        if run["status"] == "WAITING" {
            let input = json!({"runId": run["id"]});
            owner.succeed("cancelRun", input, "run { id }").await?;
            owner.ended(run["id"].as_str().unwrap_or_default()).await?;
        }
    }
    jackfield.finish().await
}
