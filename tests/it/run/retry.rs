//! Attempts, pauses between them, and how long one may take.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{
    Engine, Jackfield, Receiver, Reply, Resetter, node, on_both_engines, start_then, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_node_is_tried_again_until_it_succeeds,
    a_node_that_keeps_failing_fails_after_its_last_attempt,
    what_cannot_get_better_is_not_tried_again,
    a_reset_connection_is_tried_again,
    an_attempt_that_takes_too_long_is_given_up,
    a_service_that_says_when_to_come_back_is_obeyed,
];

fn call(url: String, more: Value) -> Value {
    let mut node = node("call", "api-endpoint", json!({"url": url}));
    for (name, value) in more.as_object().into_iter().flatten() {
        node[name] = value.clone();
    }
    start_then(node)
}

fn retry(attempts: u32) -> Value {
    json!({"retry": {"maxAttempts": attempts, "initialDelay": "PT0.05S", "maxDelay": "PT0.1S"}})
}

async fn a_node_is_tried_again_until_it_succeeds(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let busy = Reply::json(503, &json!({"error": "busy"}));
    outside.answer("/flaky", [busy.clone(), busy, Reply::default()]);
    let jackfield = Jackfield::start(engine).await?;
    let run = jackfield
        .owner()
        .run_once(call(outside.url("/flaky"), retry(5)), json!({}))
        .await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "call")["attempt"], 3, "{run:#}");
    assert_eq!(outside.requests().len(), 3);
    jackfield.finish().await
}

async fn a_node_that_keeps_failing_fails_after_its_last_attempt(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/down", [Reply::json(500, &json!({"error": "down"}))]);
    let jackfield = Jackfield::start(engine).await?;
    let run = jackfield
        .owner()
        .run_once(call(outside.url("/down"), retry(3)), json!({}))
        .await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(step(&run, "call")["attempt"], 3, "{run:#}");
    assert_eq!(outside.requests().len(), 3);
    jackfield.finish().await
}

async fn what_cannot_get_better_is_not_tried_again(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer(
        "/wrong",
        [Reply::json(422, &json!({"error": "no such customer"}))],
    );
    let jackfield = Jackfield::start(engine).await?;
    let run = jackfield
        .owner()
        .run_once(call(outside.url("/wrong"), retry(5)), json!({}))
        .await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(outside.requests().len(), 1);
    jackfield.finish().await
}

async fn a_reset_connection_is_tried_again(engine: Engine) -> Result<()> {
    let outside = Resetter::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let run = jackfield
        .owner()
        .run_once(call(outside.url(), retry(3)), json!({}))
        .await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(step(&run, "call")["attempt"], 3, "{run:#}");
    assert!(outside.connections() >= 3, "{}", outside.connections());
    jackfield.finish().await
}

async fn an_attempt_that_takes_too_long_is_given_up(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/hangs", [Reply::hang(), Reply::default()]);
    let jackfield = Jackfield::start(engine).await?;
    let mut more = retry(2);
    more["timeout"] = json!("PT0.5S");
    let run = jackfield
        .owner()
        .run_once(call(outside.url("/hangs"), more), json!({}))
        .await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "call")["attempt"], 2, "{run:#}");

    let given_up = call(outside.url("/hangs/on"), json!({"timeout": "PT0.3S"}));
    outside.answer("/hangs/on", [Reply::hang()]);
    let run = jackfield.owner().run_once(given_up, json!({})).await?;
    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert!(
        step(&run, "call")["error"].to_string().contains("TIMEOUT"),
        "{run:#}"
    );
    jackfield.finish().await
}

async fn a_service_that_says_when_to_come_back_is_obeyed(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let busy = Reply::json(429, &json!({"error": "slow down"})).header("retry-after", "1");
    outside.answer(
        "/limited",
        [busy, Reply::default().after(Duration::from_millis(1))],
    );
    let jackfield = Jackfield::start(engine).await?;
    let more = json!({"retry": {"maxAttempts": 2, "initialDelay": "PT0.01S", "maxDelay": "PT10S"}});
    let workflow = jackfield
        .owner()
        .publish("Limited", call(outside.url("/limited"), more))
        .await?;
    let run = jackfield.owner().start_run(&workflow, json!({})).await?;

    outside.wait_for(1).await?;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(
        outside.requests().len(),
        1,
        "it came back before a second had passed"
    );
    let run = jackfield.owner().ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    jackfield.finish().await
}
