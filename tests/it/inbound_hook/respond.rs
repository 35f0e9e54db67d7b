//! When and what a sender is answered.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, graph, node, on_both_engines};
use serde_json::json;

on_both_engines![
    a_sender_that_waits_gets_the_answer_of_the_respond_node,
    a_sender_that_waits_for_a_run_that_fails_is_told_so,
    a_sender_is_answered_at_once_otherwise,
    an_unknown_token_is_not_found,
    an_unpublished_workflow_takes_no_more_events,
];

async fn a_sender_that_waits_gets_the_answer_of_the_respond_node(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let answer = json!({
        "status": 201,
        "headers": {"X-Order": "{{ trigger.body.order }}"},
        "body": {"doubled": "{{ trigger.body.count * 2 }}"},
    });
    let nodes = [
        node("asked", "webhook", json!({"respond": "when_finished"})),
        node("answer", "respond", answer),
    ];
    let workflow = jackfield
        .owner()
        .publish("Answer", graph(nodes, &["asked -> answer"]))
        .await?;

    let answer = workflow.hooks[0]
        .post_json(&json!({"order": "A-7", "count": 21}))
        .await?;

    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(
        answer.headers.get("x-order").map(String::as_str),
        Some("A-7")
    );
    assert_eq!(answer.json(), json!({"doubled": 42}));
    jackfield.finish().await
}

async fn a_sender_that_waits_for_a_run_that_fails_is_told_so(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("asked", "webhook", json!({"respond": "when_finished"})),
        node(
            "wrong",
            "set",
            json!({"values": {"broken": "{{ 1 // 0 }}"}}),
        ),
        node("answer", "respond", json!({"body": "never"})),
    ];
    let definition = graph(nodes, &["asked -> wrong", "wrong -> answer"]);
    let workflow = jackfield.owner().publish("Answer", definition).await?;

    let answer = workflow.hooks[0].post_json(&json!({})).await?;

    assert!(
        (500..600).contains(&answer.status),
        "{} {}",
        answer.status,
        answer.text
    );
    let run = jackfield
        .owner()
        .ended_runs_of(&workflow, 1)
        .await?
        .remove(0);
    assert_eq!(run["status"], "FAILED");
    jackfield.finish().await
}

async fn a_sender_is_answered_at_once_otherwise(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("asked", "webhook", json!({})),
        node("answer", "respond", json!({"status": 418})),
    ];
    let workflow = jackfield
        .owner()
        .publish("Answer", graph(nodes, &["asked -> answer"]))
        .await?;

    let answer = workflow.hooks[0].post_json(&json!({})).await?;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let run = jackfield
        .owner()
        .ended_runs_of(&workflow, 1)
        .await?
        .remove(0);
    assert_eq!(run["output"]["status"], 418, "{run:#}");
    jackfield.finish().await
}

async fn an_unknown_token_is_not_found(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    for path in [
        "/hooks/nothing",
        "/hooks/whk_0123456789abcdefghijklmnop",
        "/hooks/",
    ] {
        let answer = reqwest::Client::new()
            .post(jackfield.url(path))
            .body("{}")
            .send()
            .await?;
        assert_eq!(answer.status(), 404, "{path}");
    }
    jackfield.finish().await
}

async fn an_unpublished_workflow_takes_no_more_events(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node("asked", "webhook", json!({})),
        node("note", "debug", json!({"message": "seen"})),
    ];
    let definition = graph(nodes, &["asked -> note"]);
    let workflow = owner.publish("Note", definition.clone()).await?;
    assert_eq!(workflow.hooks[0].post_json(&json!({})).await?.status, 200);
    owner.ended_runs_of(&workflow, 1).await?;

    owner
        .succeed(
            "unpublishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;
    let refused = workflow.hooks[0].post_json(&json!({})).await?;
    assert!(
        (400..500).contains(&refused.status),
        "{} {}",
        refused.status,
        refused.text
    );
    assert_eq!(owner.runs_of(&workflow).await?.len(), 1);

    // The address survives: a provider need not be told anew.
    let input = json!({"workflowId": workflow.id, "definition": definition});
    owner
        .succeed("saveWorkflow", input, "workflow { id }")
        .await?;
    owner
        .succeed(
            "publishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;
    assert_eq!(
        owner.inbound_hooks(&workflow.id).await?[0].url,
        workflow.hooks[0].url
    );
    assert_eq!(workflow.hooks[0].post_json(&json!({})).await?.status, 200);
    owner.ended_runs_of(&workflow, 2).await?;
    jackfield.finish().await
}
