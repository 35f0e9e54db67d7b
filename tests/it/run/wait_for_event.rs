//! A run waits until something happens.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{
    Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, start_then, step, steps,
};
use serde_json::{Value, json};

on_both_engines![
    an_event_wakes_the_run_that_it_concerns,
    no_event_comes_in_time,
    an_event_quicker_than_the_answer_counts,
    a_run_waits_on_after_a_crash,
    a_filter_that_fails_fails_the_step,
];

/// Waits for the payment of the order that the run is about, a large one.
fn paid() -> Value {
    let config = json!({
        "type": "order.paid",
        "correlation": {"field": "order.id", "value": "{{ trigger.body.order }}"},
        "filter": "{{ event.data.amount > trigger.body.least }}",
    });
    start_then(node("paid", "wait-for-event", config))
}

fn payment(order: u32, amount: u32) -> Value {
    json!({"order": {"id": order}, "amount": amount})
}

async fn an_event_wakes_the_run_that_it_concerns(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Paid", paid()).await?;
    let mut runs = Vec::new();
    for order in [1, 2] {
        let input = json!({"order": order, "least": 10});
        let run = owner.start_run(&workflow, input).await?;
        owner.reached(&run, "paid", "WAITING").await?;
        runs.push(run);
    }

    owner.publish_event("order.paid", payment(3, 99)).await?;
    owner.publish_event("order.sent", payment(2, 99)).await?;
    owner.publish_event("order.paid", payment(2, 10)).await?;
    let event = owner.publish_event("order.paid", payment(2, 50)).await?;
    let second = owner.ended(&runs[1]).await?;
    assert_eq!(second["output"]["id"], json!(event), "{second:#}");
    assert_eq!(second["output"]["data"], payment(2, 50), "{second:#}");
    assert_eq!(owner.run(&runs[0]).await?["status"], "WAITING");
    owner.publish_event("order.paid", payment(1, 11)).await?;
    let first = owner.ended(&runs[0]).await?;
    assert_eq!(first["output"]["data"], payment(1, 11), "{first:#}");
    jackfield.finish().await
}

async fn no_event_comes_in_time(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let wait = node(
        "paid",
        "wait-for-event",
        json!({"type": "order.paid", "timeout": "PT0.4S"}),
    );
    let nodes = [
        node("start", "manual", json!({})),
        wait.clone(),
        node("thanks", "debug", json!({"message": "thanks"})),
        node("remind", "debug", json!({"message": "remember"})),
    ];
    let edges = ["start -> paid", "paid -> thanks", "paid.timeout -> remind"];
    let run = owner.run_once(graph(nodes, &edges), json!({})).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "remind")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "thanks")["status"], "SKIPPED", "{run:#}");

    let run = owner.run_once(start_then(wait), json!({})).await?;
    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(run["error"]["code"], "TIMEOUT", "{run:#}");
    jackfield.finish().await
}

async fn an_event_quicker_than_the_answer_counts(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/pay", [Reply::default().after(Duration::from_millis(400))]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node("start", "manual", json!({})),
        node("pay", "api-endpoint", json!({"url": outside.url("/pay")})),
        node("paid", "wait-for-event", json!({"type": "order.paid"})),
    ];
    let definition = graph(nodes, &["start -> pay", "pay -> paid"]);
    let workflow = owner.publish("Pay", definition).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    outside.wait_for(1).await?;
    owner.publish_event("order.paid", json!({"n": 1})).await?;

    let run = owner.ended(&run).await?;
    assert_eq!(run["output"]["data"], json!({"n": 1}), "{run:#}");
    jackfield.finish().await
}

async fn a_run_waits_on_after_a_crash(engine: Engine) -> Result<()> {
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Paid", paid()).await?;
    let input = json!({"order": 1, "least": 10});
    let run = owner.start_run(&workflow, input).await?;
    owner.reached(&run, "paid", "WAITING").await?;
    jackfield.kill().await?;
    jackfield.restart().await?;

    owner.publish_event("order.paid", payment(1, 5)).await?;
    owner.publish_event("order.paid", payment(1, 15)).await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["output"]["data"], payment(1, 15), "{run:#}");
    assert_eq!(steps(&run), ["start SUCCEEDED", "paid SUCCEEDED"]);
    jackfield.finish().await
}

async fn a_filter_that_fails_fails_the_step(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Paid", paid()).await?;
    let input = json!({"order": 1, "least": 10});
    let run = owner.start_run(&workflow, input).await?;
    owner.reached(&run, "paid", "WAITING").await?;
    let nameless = json!({"order": {"id": 1}});
    owner.publish_event("order.paid", nameless).await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(run["error"]["code"], "EXPRESSION_FAILED", "{run:#}");
    let message = run["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("amount"), "{message}");
    jackfield.finish().await
}
