//! SIGTERM: what runs is finished or parked, and the process exits with 0 within 10 seconds.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    a_step_in_flight_is_finished,
    a_step_that_hangs_is_parked_and_goes_on_later
];

fn two_calls(outside: &Receiver) -> Value {
    let nodes = [
        node("start", "manual", json!({})),
        node("one", "api-endpoint", json!({"url": outside.url("/one")})),
        node("two", "api-endpoint", json!({"url": outside.url("/two")})),
    ];
    graph(nodes, &["start -> one", "one -> two"])
}

async fn a_step_in_flight_is_finished(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/one", [Reply::default().after(Duration::from_secs(1))]);
    let mut jackfield = Jackfield::start(engine).await?;
    let workflow = jackfield
        .owner()
        .publish("Two calls", two_calls(&outside))
        .await?;
    let run = jackfield.owner().start_run(&workflow, json!({})).await?;
    outside.wait_for(1).await?;

    jackfield.terminate().await?;
    jackfield.restart().await?;

    assert_eq!(jackfield.owner().ended(&run).await?["status"], "SUCCEEDED");
    assert_eq!(
        (
            outside.requests_to("/one").len(),
            outside.requests_to("/two").len()
        ),
        (1, 1)
    );
    jackfield.finish().await
}

async fn a_step_that_hangs_is_parked_and_goes_on_later(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/one", [Reply::hang(), Reply::default()]);
    let mut jackfield = Jackfield::start(engine).await?;
    let workflow = jackfield
        .owner()
        .publish("Two calls", two_calls(&outside))
        .await?;
    let run = jackfield.owner().start_run(&workflow, json!({})).await?;
    outside.wait_for(1).await?;

    jackfield.terminate().await?;
    jackfield.restart().await?;

    assert_eq!(jackfield.owner().ended(&run).await?["status"], "SUCCEEDED");
    assert_eq!(
        (
            outside.requests_to("/one").len(),
            outside.requests_to("/two").len()
        ),
        (2, 1)
    );
    jackfield.finish().await
}
