//! Starting a run by hand, and what its expressions see.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, graph, node, on_both_engines, start_then, step};
use serde_json::json;

on_both_engines![
    an_expression_keeps_the_type_of_its_value,
    later_steps_read_earlier_ones,
    the_respond_node_is_the_output_of_the_run,
    an_idempotency_key_starts_one_run,
    an_endless_expression_runs_out_of_fuel,
    a_workflow_that_is_not_published_does_not_start,
];

async fn an_expression_keeps_the_type_of_its_value(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let values = json!({
        "whole": "{{ trigger.body }}",
        "number": "{{ trigger.body.count + 1 }}",
        "text": "{{ trigger.body.count }} left",
        "truth": "{{ trigger.body.count == 2 }}",
        "list": "{{ trigger.body.names | map('upper') | list }}",
        "nested": {"deep": ["{{ trigger.body.names[0] }}"]},
        "plain": 7,
    });
    let input = json!({"count": 2, "names": ["ann", "bo"]});
    let run = jackfield
        .owner()
        .run_once(
            start_then(node("all", "set", json!({"values": values}))),
            input,
        )
        .await?;

    let expected = json!({
        "whole": {"count": 2, "names": ["ann", "bo"]},
        "number": 3,
        "text": "2 left",
        "truth": true,
        "list": ["ANN", "BO"],
        "nested": {"deep": ["ann"]},
        "plain": 7,
    });
    assert_eq!(step(&run, "all")["output"], expected, "{run:#}");
    jackfield.finish().await
}

async fn later_steps_read_earlier_ones(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node("one", "set", json!({"values": {"n": 1}})),
        node(
            "two",
            "set",
            json!({"values": {"n": "{{ steps.one.output.n + 1 }}"}}),
        ),
        node(
            "three",
            "set",
            json!({"values": {"n": "{{ steps.one.output.n + steps.two.output.n }}", "run": "{{ run.id }}"}}),
        ),
    ];
    let run = jackfield
        .owner()
        .run_once(
            graph(nodes, &["start -> one", "one -> two", "two -> three"]),
            json!({}),
        )
        .await?;

    assert_eq!(
        step(&run, "three")["output"],
        json!({"n": 3, "run": run["id"]}),
        "{run:#}"
    );
    assert_eq!(step(&run, "three")["input"]["values"]["n"], 3, "{run:#}");
    jackfield.finish().await
}

async fn the_respond_node_is_the_output_of_the_run(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let answer = node(
        "answer",
        "respond",
        json!({"body": {"hello": "{{ trigger.body.name }}"}}),
    );
    let run = jackfield
        .owner()
        .run_once(start_then(answer), json!({"name": "Ada"}))
        .await?;

    assert_eq!(
        run["output"],
        json!({"status": 200, "headers": {}, "body": {"hello": "Ada"}})
    );
    jackfield.finish().await
}

async fn an_idempotency_key_starts_one_run(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let note = node("note", "debug", json!({"message": "once"}));
    let workflow = jackfield.owner().publish("Once", start_then(note)).await?;
    let input = json!({"workflowId": workflow.id, "input": {}, "idempotencyKey": "order-7"});

    let first = jackfield
        .owner()
        .succeed("startRun", input.clone(), "run { id }")
        .await?;
    let second = jackfield
        .owner()
        .succeed("startRun", input, "run { id }")
        .await?;

    assert_eq!(first["run"]["id"], second["run"]["id"]);
    assert_eq!(
        jackfield.owner().ended_runs_of(&workflow, 1).await?.len(),
        1
    );
    jackfield.finish().await
}

async fn an_endless_expression_runs_out_of_fuel(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let forever = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}";
    let definition = start_then(node(
        "spin",
        "set",
        json!({"values": {"text": forever, "many": "{{ range(99999)|map('string')|map('upper')|join(',')|length }}"}}),
    ));
    let created = jackfield
        .owner()
        .mutate(
            "createWorkflow",
            json!({"name": "Spin", "definition": definition}),
            "workflow { id }",
        )
        .await?;
    if created["workflow"].is_null() {
        // Statements may be refused as a whole; an expression alone must still be bounded.
        assert_eq!(
            created["userErrors"][0]["code"], "INVALID_EXPRESSION",
            "{created:#}"
        );
    }
    let nested = "{{ range(9999) | map('string') | map('replace', '1', range(9999) | join) | join | length }}";
    let run = jackfield
        .owner()
        .run_once(
            start_then(node("spin", "set", json!({"values": {"text": nested}}))),
            json!({}),
        )
        .await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    jackfield.finish().await
}

async fn a_workflow_that_is_not_published_does_not_start(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let definition = start_then(node("note", "debug", json!({"message": "draft"})));
    let created = owner
        .succeed(
            "createWorkflow",
            json!({"name": "Draft", "definition": definition}),
            "workflow { id }",
        )
        .await?;

    let refused = owner
        .mutate(
            "startRun",
            json!({"workflowId": created["workflow"]["id"], "input": {}}),
            "run { id }",
        )
        .await?;

    assert!(refused["run"].is_null(), "{refused:#}");
    assert_eq!(
        refused["userErrors"][0]["field"],
        json!(["input", "workflowId"]),
        "{refused:#}"
    );
    jackfield.finish().await
}
