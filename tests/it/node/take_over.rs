//! A node dies: another one goes on with its runs.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{Engine, Receiver, example, steps};
use serde_json::json;

use super::{finish, three_calls, two_nodes};

#[test]
fn the_runs_of_a_node_that_is_killed_go_on_elsewhere() -> Result<()> {
    example(Engine::Postgres, take_over)
}

const RUNS: usize = 10;

async fn take_over(_: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let (mut first, second) = two_nodes().await?;
    let workflow = three_calls(&first, &outside, Duration::from_millis(300)).await?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(first.owner().start_run(&workflow, json!({})).await?);
    }
    outside.wait_for(RUNS + RUNS / 2).await?;
    first.kill().await?;

    for run in &runs {
        let run = second.owner().ended(run).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
        assert_eq!(
            steps(&run),
            [
                "start SUCCEEDED",
                "one SUCCEEDED",
                "two SUCCEEDED",
                "three SUCCEEDED"
            ]
        );
    }
    // No step is repeated once the next one has begun, and a repeated call has the same key.
    let mut calls: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for request in outside.requests() {
        let key = request.header("idempotency-key").to_owned();
        calls
            .entry(request.query.clone())
            .or_default()
            .push((request.path.clone(), key));
    }
    assert_eq!(calls.len(), RUNS);
    for (run, mut made) in calls {
        made.dedup();
        let paths: Vec<&str> = made.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["/one", "/two", "/three"], "{run}: {made:?}");
    }
    first.restart().await?;
    finish(first, second).await
}
