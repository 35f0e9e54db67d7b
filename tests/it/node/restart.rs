//! A part of the whole is restarted while the rest works on.

use std::time::{Duration, Instant};

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Receiver, Setup, Workflow, example};
use serde_json::json;

use super::{finish, three_calls, two_nodes};

#[test]
fn a_rolling_restart_loses_nothing_and_waits_for_no_lease() -> Result<()> {
    example(Engine::Postgres, rolling)
}

#[test]
fn a_restart_of_postgresql_under_load_loses_nothing() -> Result<()> {
    example(Engine::Postgres, database)
}

async fn start(jackfield: &Jackfield, workflow: &Workflow, count: usize) -> Result<Vec<String>> {
    let mut runs = Vec::new();
    for _ in 0..count {
        runs.push(jackfield.owner().start_run(workflow, json!({})).await?);
    }
    Ok(runs)
}

async fn rolling(_: Engine) -> Result<()> {
    // A lease that nobody could wait for within the test's patience.
    let setup = Setup::new(Engine::Postgres)?.environment("JACKFIELD_RUN_LEASE", "5m");
    let mut first = setup.start().await?;
    let mut second = Setup::node_of(&first)?.start().await?;
    let outside = Receiver::start().await?;
    let workflow = three_calls(&first, &outside, Duration::from_millis(200)).await?;
    let mut runs = start(&first, &workflow, 10).await?;
    runs.extend(start(&second, &workflow, 10).await?);
    for jackfield in [&mut first, &mut second] {
        outside.wait_for(outside.requests().len() + 2).await?;
        jackfield.terminate().await?;
        jackfield.restart().await?;
        runs.extend(start(jackfield, &workflow, 5).await?);
    }
    for run in &runs {
        let run = first.owner().ended(run).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }
    for path in ["/one", "/two", "/three"] {
        let calls = outside.requests_to(path);
        assert_eq!(calls.len(), runs.len(), "each call was made once");
    }
    finish(first, second).await
}

async fn database(_: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let (first, second) = two_nodes().await?;
    let workflow = three_calls(&first, &outside, Duration::from_millis(50)).await?;
    let mut runs = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(30);
    for restart_at in [20, 40, usize::MAX] {
        while runs.len() < restart_at.min(60) {
            for jackfield in [&first, &second] {
                // A request that fails was not accepted.
                if let Ok(run) = jackfield.owner().start_run(&workflow, json!({})).await {
                    runs.push(run);
                }
            }
            assert!(Instant::now() < deadline, "{} runs", runs.len());
        }
        if restart_at < 60 {
            first.restart_database()?;
        }
    }
    for run in &runs {
        let run = second.owner().ended(run).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }
    finish(first, second).await
}
