//! A node hangs beyond its lease and comes back.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{Engine, Receiver, Reply, example};
use serde_json::json;

use super::{finish, three_calls, two_nodes};

#[test]
fn a_node_that_was_paused_beyond_its_lease_writes_nothing() -> Result<()> {
    example(Engine::Postgres, pause)
}

async fn pause(_: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let (first, second) = two_nodes().await?;
    let workflow = three_calls(&first, &outside, Duration::from_millis(200)).await?;
    // The node that is asked first gets an answer that only the second attempt's must replace.
    let slow = Duration::from_millis(800);
    outside.answer(
        "/two",
        [
            Reply::json(200, &json!({"attempt": "of the node that hangs"})).after(slow),
            Reply::json(200, &json!({"attempt": "of the node that took over"})),
        ],
    );
    second.pause()?;
    let run = first.owner().start_run(&workflow, json!({})).await?;
    outside.wait_for(2).await?;
    first.pause()?;
    second.go_on()?;

    let over = second.owner().ended(&run).await?;
    assert_eq!(over["status"], "SUCCEEDED", "{over:#}");
    first.go_on()?;
    // The node that hung hears the answer of its call now, and learns with what it tries to write that it is late.
    outside.wait_for(4).await?;
    let again = first.owner().run_to_end(&workflow, json!({})).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
    assert_eq!(first.owner().run(&run).await?, over);
    let two = jackfield_tests::step(&over, "two");
    assert_eq!(
        two["output"]["body"]["attempt"], "of the node that took over",
        "{two:#}"
    );

    let calls = outside.requests_to("/two");
    let keys: Vec<_> = calls
        .iter()
        .filter(|call| call.query.contains(&run))
        .map(|call| call.header("idempotency-key"))
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], "", "{calls:#?}");
    finish(first, second).await
}
