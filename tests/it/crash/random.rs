//! Killed at any time.
//!
//! `JACKFIELD_CRASH_KILLS` says how often (5 by default, 1,000 with `cargo xtask test --long`), `JACKFIELD_CRASH_SEED` repeats
//! the sequences of kills; the seed is printed. Many kills are divided among worlds beside each other, as most of the time of
//! one goes by with waiting. In each the runs begin in one of several manners. On PostgreSQL each has two nodes, and either may
//! die.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use jackfield_tests::numbers::{Numbers, number, seed};
use jackfield_tests::{Engine, Jackfield, Receiver, Setup, on_both_engines};
use serde_json::json;
use tokio::time::sleep;

use super::world::{MANNERS, check, drive, publish, to_end};

on_both_engines!(runs_survive_kills_at_any_time);

/// How many kills one world goes through at most.
const KILLS_OF_A_WORLD: u64 = 250;

async fn runs_survive_kills_at_any_time(engine: Engine) -> Result<()> {
    let seed = seed("JACKFIELD_CRASH_SEED");
    let kills = number("JACKFIELD_CRASH_KILLS", 5);
    println!("{engine:?}: JACKFIELD_CRASH_SEED={seed} JACKFIELD_CRASH_KILLS={kills}");
    let worlds = kills.div_ceil(KILLS_OF_A_WORLD);
    let runs = try_join_all((0..worlds).map(async |world| {
        let share = (kills - world * KILLS_OF_A_WORLD).min(KILLS_OF_A_WORLD);
        let survived = survive(engine, Numbers::of(seed + world), share).await;
        survived.with_context(|| format!("in world {world} of the seed {seed}"))
    }));
    let runs: usize = runs.await?.iter().sum();
    println!("{engine:?}: {kills} kills, {runs} runs, 0 lost, 0 stuck");
    Ok(())
}

/// A world with these kills in it. Returns how many runs lived through them.
async fn survive(engine: Engine, mut numbers: Numbers, kills: u64) -> Result<usize> {
    let outside = Receiver::start().await?;
    let mut nodes = vec![Jackfield::start(engine).await?];
    if engine == Engine::Postgres {
        nodes.push(Setup::node_of(&nodes[0])?.start().await?);
    }
    let manner = MANNERS[numbers.below(MANNERS.len() as u64) as usize];
    let workflow = publish(&nodes[0].owner(), &outside, manner).await?;
    let (mut runs, mut open) = (Vec::new(), Vec::new());
    for _ in 0..kills {
        let alive = numbers.below(nodes.len() as u64) as usize;
        let client = nodes[alive].owner();
        for _ in 0..2 {
            let run = client.start_run(&workflow, json!({})).await?;
            open.push(run.clone());
            runs.push(run);
        }
        sleep(Duration::from_micros(numbers.below(400_000))).await;
        // The oldest first: where runs are limited, they are the ones under way.
        for run in open.clone().iter().take(8) {
            if drive(&client, run).await? {
                open.retain(|other| other != run);
            }
        }
        let victim = numbers.below(nodes.len() as u64) as usize;
        sleep(Duration::from_micros(numbers.below(100_000))).await;
        nodes[victim].kill().await?;
        nodes[victim].restart().await?;
    }
    let owner = nodes[0].owner();
    for some in open.chunks(20) {
        to_end(&owner, some).await?;
    }
    check(&owner, &outside, &runs).await?;
    for node in nodes.into_iter().rev() {
        node.finish().await?;
    }
    Ok(runs.len())
}
