//! Killed at each write that concerns a run, from the first to the last: when it is about to be made, and when it is on disk
//! and nobody was told.

use std::time::Duration;

use anyhow::{Result, ensure};
use jackfield_tests::{Client, Engine, Jackfield, Receiver, Setup, Workflow, example};
use tokio::time::sleep;

use super::world::{check, drive, publish, start, stored, to_end};

/// More kills than the runs of a round have writes.
const MOST: usize = 40;

/// The variable at which builds for tests look.
const CRASH: &str = "JACKFIELD_CRASH";

#[test]
fn a_run_survives_a_kill_after_each_write() -> Result<()> {
    example(Engine::Sqlite, |_| one_node("after", "PLAIN", 1))
}

#[test]
fn a_run_survives_a_kill_before_each_write() -> Result<()> {
    example(Engine::Sqlite, |_| one_node("before", "PLAIN", 1))
}

#[test]
fn an_urgent_run_survives_a_kill_after_each_write() -> Result<()> {
    example(Engine::Sqlite, |_| one_node("after", "URGENT", 1))
}

#[test]
fn an_urgent_run_survives_a_kill_before_each_write() -> Result<()> {
    example(Engine::Sqlite, |_| one_node("before", "URGENT", 1))
}

#[test]
fn runs_that_wait_for_each_other_survive_a_kill_after_each_write() -> Result<()> {
    example(Engine::Sqlite, |_| one_node("after", "LIMITED", 2))
}

#[test]
fn runs_that_wait_for_each_other_survive_a_kill_before_each_write() -> Result<()> {
    example(Engine::Sqlite, |_| one_node("before", "LIMITED", 2))
}

#[test]
fn runs_survive_the_kill_of_one_of_two_nodes_after_each_write() -> Result<()> {
    example(Engine::Postgres, |_| two_nodes("after", "PLAIN"))
}

#[test]
fn runs_survive_the_kill_of_one_of_two_nodes_before_each_write() -> Result<()> {
    example(Engine::Postgres, |_| two_nodes("before", "PLAIN"))
}

#[test]
fn limited_runs_survive_the_kill_of_one_of_two_nodes_after_each_write() -> Result<()> {
    example(Engine::Postgres, |_| two_nodes("after", "LIMITED"))
}

/// A round of runs per write, with a server that dies at that write; a round that ends without a kill has no further write.
async fn one_node(side: &str, manner: &str, at_once: usize) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = Jackfield::start(Engine::Sqlite).await?;
    let owner = jackfield.owner();
    let workflow = publish(&owner, &outside, manner).await?;
    let mut runs = Vec::new();
    let mut kills = 0;
    loop {
        ensure!(kills < MOST, "the kills do not end:\n{}", jackfield.log()?);
        jackfield.kill().await?;
        jackfield.set(CRASH, Some(&format!("{side}:{}", kills + 1)));
        jackfield.restart().await?;
        let keys: Vec<String> = (0..at_once).map(|run| format!("{kills}-{run}")).collect();
        // An answer may be what the crash swallows.
        let mut answers = Vec::new();
        for key in &keys {
            answers.push(start(&owner, &workflow, key).await.ok());
        }
        let dead = !until_over(&mut jackfield, &owner, &answers).await?;
        if dead {
            jackfield.set(CRASH, None);
            jackfield.restart().await?;
        }
        // Whoever got no answer asks again, and whoever got one gets the same.
        for (key, answer) in keys.iter().zip(answers) {
            let run = start(&owner, &workflow, key).await?;
            ensure!(answer.is_none_or(|known| known == run), "{key} ran twice");
            runs.push(run);
        }
        if !dead {
            break;
        }
        to_end(&owner, &runs[runs.len() - at_once..]).await?;
        kills += 1;
    }
    println!("{manner}: {kills} writes");
    ensure!(kills >= 7 * at_once, "it was killed {kills} times only");
    let mut stored = stored(&owner, &workflow).await?;
    stored.sort();
    runs.sort();
    ensure!(stored == runs, "{stored:?} are stored for {runs:?}");
    check(&owner, &outside, &runs).await?;
    jackfield.finish().await
}

/// Goes on until all runs have ended well, or the server has died.
async fn until_over(
    jackfield: &mut Jackfield,
    owner: &Client,
    runs: &[Option<String>],
) -> Result<bool> {
    while !jackfield.has_ended()? {
        let mut over = true;
        for run in runs {
            over &= match run {
                Some(run) => drive(owner, run).await.unwrap_or(false),
                None => false,
            };
        }
        if over {
            return Ok(true);
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(false)
}

/// How many writes of a node that dies are looked at. A run has fewer, so that some are those of a second one.
const WRITES: usize = 12;

/// A node that dies at its nth write, and one that takes over what the other leaves.
async fn two_nodes(side: &str, manner: &str) -> Result<()> {
    let outside = Receiver::start().await?;
    let setup = Setup::new(Engine::Postgres)?.environment("JACKFIELD_RUN_LEASE", "1500ms");
    let survivor = setup.start().await?;
    let mut victim = Setup::node_of(&survivor)?.start().await?;
    let owner = survivor.owner();
    let workflow = publish(&owner, &outside, manner).await?;
    for number in 1..=WRITES {
        victim.kill().await?;
        victim.set(CRASH, Some(&format!("{side}:{number}")));
        // It may die at once, of a run that it takes over.
        let _ = victim.restart().await;
        let mut rounds = 0;
        while !victim.has_ended()? {
            ensure!(rounds < 2_000, "the node does not come to write {number}");
            // A run begins where it is started. The answer may be what the crash swallows.
            if rounds % 50 == 0 {
                let _ = start(&victim.owner(), &workflow, &format!("{number}-{rounds}")).await;
            }
            rounds += 1;
            drive_all(&owner, &workflow).await?;
            sleep(Duration::from_millis(5)).await;
        }
    }
    victim.set(CRASH, None);
    victim.restart().await?;
    let runs = stored(&owner, &workflow).await?;
    ensure!(runs.len() >= WRITES - 1, "{} runs only", runs.len());
    to_end(&owner, &runs).await?;
    check(&owner, &outside, &runs).await?;
    victim.finish().await?;
    survivor.finish().await
}

/// Answers whatever waits for an answer.
async fn drive_all(client: &Client, workflow: &Workflow) -> Result<()> {
    for run in client.runs_of(workflow).await? {
        if run["status"] == "WAITING" {
            drive(client, run["id"].as_str().unwrap_or_default()).await?;
        }
    }
    Ok(())
}
