//! The node type `external-webhook` of the plugin `http`.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step};
use serde_json::json;

on_both_engines![a_payload_is_sent, a_refusal_leaves_by_the_error_port];

async fn a_payload_is_sent(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({
        "url": outside.url("/partner"), "method": "PUT", "headers": {"X-Partner": "7"},
        "payload": {"booking": "{{ trigger.body.id }}", "status": "confirmed"},
    });
    let nodes = [
        node("start", "manual", json!({})),
        node("tell", "external-webhook", config),
    ];
    let run = jackfield
        .owner()
        .run_once(graph(nodes, &["start -> tell"]), json!({"id": 12}))
        .await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "tell")["output"]["status"], 200, "{run:#}");
    let request = &outside.requests()[0];
    assert_eq!(
        (&*request.method, request.header("x-partner")),
        ("PUT", "7")
    );
    assert_eq!(
        request.json(),
        json!({"booking": 12, "status": "confirmed"})
    );
    jackfield.finish().await
}

async fn a_refusal_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/partner", [Reply::json(410, &json!({"gone": true}))]);
    let jackfield = Jackfield::start(engine).await?;
    let config = json!({"url": outside.url("/partner"), "method": "POST", "payload": {}});
    let nodes = [
        node("start", "manual", json!({})),
        node("tell", "external-webhook", config),
        node(
            "note",
            "debug",
            json!({"message": "{{ steps.tell.output.body }}"}),
        ),
    ];
    let definition = graph(nodes, &["start -> tell", "tell.error -> note"]);
    let run = jackfield.owner().run_once(definition, json!({})).await?;

    assert_eq!(
        step(&run, "note")["output"],
        json!({"message": {"gone": true}}),
        "{run:#}"
    );
    jackfield.finish().await
}
