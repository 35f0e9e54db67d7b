//! What becomes of the answer.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step};
use serde_json::json;

use super::call;

on_both_engines![
    json_is_parsed,
    text_stays_text,
    an_empty_body_is_null,
    json_that_is_none_stays_text,
    bytes_come_by_reference,
    an_answer_over_400_leaves_by_the_error_port,
    a_service_that_is_not_there_leaves_by_the_error_port,
    a_body_over_the_cap_is_an_error,
];

async fn json_is_parsed(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let body = json!({"id": 9_007_199_254_740_993_i64, "items": []});
    outside.answer("/", [Reply::json(202, &body).header("X-Request-Id", "r1")]);
    let jackfield = Jackfield::start(engine).await?;
    let run = call(&jackfield, json!({"url": outside.url("/")})).await?;

    let output = &step(&run, "call")["output"];
    assert_eq!(
        (&output["status"], &output["body"]),
        (&json!(202), &body),
        "{run:#}"
    );
    assert_eq!(output["headers"]["x-request-id"], "r1", "{run:#}");
    jackfield.finish().await
}

async fn text_stays_text(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer(
        "/",
        [Reply::bytes(200, "text/plain; charset=utf-8", "Grüße")],
    );
    let jackfield = Jackfield::start(engine).await?;
    let run = call(&jackfield, json!({"url": outside.url("/")})).await?;

    assert_eq!(step(&run, "call")["output"]["body"], "Grüße", "{run:#}");
    jackfield.finish().await
}

async fn an_empty_body_is_null(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/", [Reply::bytes(204, "application/json", "")]);
    let jackfield = Jackfield::start(engine).await?;
    let run = call(
        &jackfield,
        json!({"url": outside.url("/"), "method": "DELETE"}),
    )
    .await?;

    let output = &step(&run, "call")["output"];
    assert_eq!(
        (&output["status"], &output["body"]),
        (&json!(204), &json!(null)),
        "{run:#}"
    );
    jackfield.finish().await
}

async fn json_that_is_none_stays_text(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/", [Reply::bytes(200, "application/json", "{\"open\": ")]);
    let jackfield = Jackfield::start(engine).await?;
    let run = call(&jackfield, json!({"url": outside.url("/")})).await?;

    assert_eq!(
        step(&run, "call")["output"]["body"],
        "{\"open\": ",
        "{run:#}"
    );
    jackfield.finish().await
}

async fn bytes_come_by_reference(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let image: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    outside.answer("/", [Reply::bytes(200, "image/png", image)]);
    let jackfield = Jackfield::start(engine).await?;
    let run = call(&jackfield, json!({"url": outside.url("/")})).await?;

    let body = &step(&run, "call")["output"]["body"];
    assert_eq!(
        (&body["size"], &body["contentType"]),
        (&json!(10_000), &json!("image/png")),
        "{run:#}"
    );
    assert!(
        body["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("blob_")),
        "{run:#}"
    );
    jackfield.finish().await
}

async fn an_answer_over_400_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer(
        "/",
        [Reply::json(404, &json!({"error": "no such booking"}))],
    );
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node("call", "api-endpoint", json!({"url": outside.url("/")})),
        node("good", "debug", json!({"message": "good"})),
        node(
            "bad",
            "set",
            json!({"values": {
                "status": "{{ steps.call.output.status }}", "why": "{{ steps.call.output.body.error }}",
            }}),
        ),
    ];
    let definition = graph(
        nodes,
        &["start -> call", "call -> good", "call.error -> bad"],
    );
    let run = jackfield.owner().run_once(definition, json!({})).await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(
        step(&run, "bad")["output"],
        json!({"status": 404, "why": "no such booking"}),
        "{run:#}"
    );
    assert_eq!(step(&run, "good")["status"], "SKIPPED", "{run:#}");
    jackfield.finish().await
}

async fn a_service_that_is_not_there_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        // Port 9, discard: nobody listens there.
        node(
            "call",
            "api-endpoint",
            json!({"url": "http://127.0.0.1:9/"}),
        ),
        node(
            "bad",
            "debug",
            json!({"message": "{{ steps.call.output }}"}),
        ),
    ];
    let definition = graph(nodes, &["start -> call", "call.error -> bad"]);
    let run = jackfield.owner().run_once(definition, json!({})).await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert!(
        step(&run, "bad")["output"].to_string().contains("CONNECT"),
        "{run:#}"
    );
    jackfield.finish().await
}

async fn a_body_over_the_cap_is_an_error(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer(
        "/",
        [Reply::bytes(
            200,
            "application/octet-stream",
            vec![7; 64 << 20],
        )],
    );
    let jackfield = Jackfield::start(engine).await?;
    let run = call(&jackfield, json!({"url": outside.url("/")})).await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert!(
        step(&run, "call")["error"]
            .to_string()
            .contains("TOO_LARGE"),
        "{run:#}"
    );
    jackfield.finish().await
}
