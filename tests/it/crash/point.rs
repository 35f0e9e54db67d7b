//! Killed at each write of the journal: when it is about to be written, and when it is on disk and nobody was told.

use std::time::Duration;

use anyhow::{Result, ensure};
use jackfield_tests::{Engine, Jackfield, Receiver, Setup, example};
use serde_json::json;
use tokio::time::sleep;

use super::world::{check, drive, publish, to_end};

/// More kills than a run has writes.
const MOST: usize = 19;

/// The variable at which builds for tests look.
const CRASH: &str = "JACKFIELD_CRASH";

#[test]
fn a_run_survives_a_kill_after_each_write() -> Result<()> {
    example(Engine::Sqlite, |engine| one_node(engine, "after"))
}

#[test]
fn a_run_survives_a_kill_before_each_write() -> Result<()> {
    example(Engine::Sqlite, |engine| one_node(engine, "before"))
}

#[test]
fn runs_survive_the_kill_of_one_of_two_nodes_at_each_write() -> Result<()> {
    example(Engine::Postgres, two_nodes)
}

/// A run per write, with a server that dies at that write; the first run that ends without a kill has no further write.
async fn one_node(engine: Engine, side: &str) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = publish(&owner, &outside).await?;
    let mut kills = 0;
    loop {
        ensure!(kills < MOST, "the kills do not end:\n{}", jackfield.log()?);
        jackfield.kill().await?;
        jackfield.set(CRASH, Some(&format!("{side}:{}", kills + 1)));
        jackfield.restart().await?;
        // The answer may be what the crash swallows.
        let run = owner.start_run(&workflow, json!({})).await;
        let mut over = false;
        while !over && !jackfield.has_ended()? {
            if let Ok(run) = &run {
                over = drive(&owner, run).await.unwrap_or(false);
            }
            sleep(Duration::from_millis(5)).await;
        }
        if over {
            break;
        }
        kills += 1;
        jackfield.set(CRASH, None);
        jackfield.restart().await?;
        for run in owner.runs_of(&workflow).await? {
            to_end(&owner, run["id"].as_str().unwrap_or_default()).await?;
        }
    }
    ensure!(kills >= 6, "it was killed {kills} times only");
    let runs = owner.runs_of(&workflow).await?;
    let runs = runs.iter().filter_map(|run| run["id"].as_str());
    let runs: Vec<String> = runs.map(str::to_owned).collect();
    ensure!(
        runs.len() == kills + 1,
        "{} runs for {kills} kills",
        runs.len()
    );
    check(&owner, &outside, &runs).await?;
    jackfield.finish().await
}

/// Many runs, a node that dies at its nth write, and one that takes over what the other leaves.
async fn two_nodes(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let survivor = Jackfield::start(engine).await?;
    let mut victim = Setup::node_of(&survivor)?.start().await?;
    let owner = survivor.owner();
    let workflow = publish(&owner, &outside).await?;
    for number in 1..=6 {
        for side in ["after", "before"] {
            victim.kill().await?;
            victim.set(CRASH, Some(&format!("{side}:{number}")));
            let ready = victim.restart().await;
            let mut tries = 0;
            while !victim.has_ended()? {
                ensure!(tries < 100, "the node got no run to die at: {ready:?}");
                tries += 1;
                // A run stays where it was started. The answer may be what the crash swallows.
                let started = victim.owner().start_run(&workflow, json!({})).await;
                let pause = if started.is_ok() { 200 } else { 20 };
                sleep(Duration::from_millis(pause)).await;
            }
        }
    }
    victim.set(CRASH, None);
    victim.restart().await?;
    let runs = owner.runs_of(&workflow).await?;
    let runs = runs.iter().filter_map(|run| run["id"].as_str());
    let runs: Vec<String> = runs.map(str::to_owned).collect();
    ensure!(runs.len() >= 12, "{} runs only", runs.len());
    for run in &runs {
        to_end(&owner, run).await?;
    }
    check(&owner, &outside, &runs).await?;
    victim.finish().await?;
    survivor.finish().await
}
