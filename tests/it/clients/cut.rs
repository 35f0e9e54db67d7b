//! Followers whose connections are cut at random, while what they follow is written.
//!
//! `JACKFIELD_CUT_EVENTS` says how many events are written (5,000 by default, 100,000 with `cargo xtask test --long`),
//! `JACKFIELD_CUT_SEED` repeats the choices of the proxy; the seed is printed. What the followers do is in
//! `clients/suites/cut.test.js`.

use std::time::Duration;

use anyhow::{Result, ensure};
use jackfield_tests::npm::{Suite, build, with_npm};
use jackfield_tests::numbers::{number, seed};
use jackfield_tests::{CuttingProxy, Engine, Jackfield, Receiver, Setup};
use serde_json::json;

/// Of fewer cuts the test would say nothing.
const FEWEST_CUTS: u64 = 20;

#[test]
fn followers_of_one_node_miss_nothing_and_see_nothing_twice() -> Result<()> {
    with_npm(Engine::Sqlite, one_node)
}

#[test]
fn followers_of_two_nodes_miss_nothing_and_see_nothing_twice() -> Result<()> {
    with_npm(Engine::Postgres, two_nodes)
}

async fn one_node(engine: Engine) -> Result<()> {
    let node = Jackfield::start(engine).await?;
    follow(&[&node]).await?;
    node.finish().await
}

async fn two_nodes(engine: Engine) -> Result<()> {
    let first = Jackfield::start(engine).await?;
    let second = Setup::node_of(&first)?.start().await?;
    follow(&[&first, &second]).await?;
    first.finish().await?;
    second.finish().await
}

/// Follows through one proxy, which chooses the node of each connection, and publishes at all nodes.
async fn follow(nodes: &[&Jackfield]) -> Result<()> {
    build().await?;
    let seed = seed("JACKFIELD_CUT_SEED");
    let events = number("JACKFIELD_CUT_EVENTS", 5_000);
    println!(
        "{} nodes: JACKFIELD_CUT_SEED={seed} JACKFIELD_CUT_EVENTS={events}",
        nodes.len()
    );
    let outside = Receiver::start().await?;
    let input =
        json!({"name": "Out", "url": outside.url("/in"), "eventTypes": ["suite.delivered"]});
    let made = nodes[0].owner();
    let made = made.succeed("createWebhookEndpoint", input, "webhookEndpoint { id }");
    let endpoint = made.await?["webhookEndpoint"]["id"].take();
    let origins: Vec<String> = nodes.iter().map(|node| node.url("")).collect();
    let proxy = CuttingProxy::start(nodes, seed).await?;
    // A debug build writes and shows more than a hundred events a second.
    let longest = Duration::from_secs(120 + events / 100);
    Suite::new("cut")
        .against(nodes[0])
        .environment("JACKFIELD_NODES", &origins.join(" "))
        .environment("JACKFIELD_PROXY", proxy.origin())
        .environment("JACKFIELD_EVENTS", &events.to_string())
        .environment("JACKFIELD_ENDPOINT", endpoint.as_str().unwrap_or_default())
        .longest(longest)
        .run()
        .await?;
    println!(
        "{} nodes: {} connections were cut",
        nodes.len(),
        proxy.cuts()
    );
    ensure!(
        proxy.cuts() >= FEWEST_CUTS,
        "only {} connections were cut",
        proxy.cuts()
    );
    Ok(())
}
