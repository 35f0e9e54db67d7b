//! Killed at any point between the acceptance of an event and the record of its arrival: every event arrives at each endpoint,
//! under one id.
//!
//! `JACKFIELD_CRASH_KILLS` and `JACKFIELD_CRASH_EVENTS` make it longer, `JACKFIELD_CRASH_SEED` repeats a sequence of kills.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Result, ensure};
use jackfield_tests::numbers::{Numbers, number, seed};
use jackfield_tests::{
    Client, Engine, Jackfield, Receiver, Reply, Setup, example, on_both_engines,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Endpoint, create, create_with, deliveries};

/// The variable at which builds for tests look.
const CRASH: &str = "JACKFIELD_CRASH";

/// How long what a dead process has claimed is left to it.
const LEASE: &str = "500ms";

on_both_engines!(deliveries_survive_kills_at_any_time);

#[test]
fn deliveries_survive_a_kill_after_each_write() -> Result<()> {
    example(Engine::Sqlite, |engine| at_each_write(engine, "after"))
}

#[test]
fn deliveries_survive_a_kill_before_each_write() -> Result<()> {
    example(Engine::Sqlite, |engine| at_each_write(engine, "before"))
}

fn setup(engine: Engine) -> Result<Setup> {
    let setup = Setup::new(engine)?;
    Ok(setup
        .environment("JACKFIELD_RUN_LEASE", LEASE)
        .environment("JACKFIELD_WEBHOOK_RETRIES", &["100ms"; 50].join(",")))
}

/// Two endpoints, of which one fails at first, one of them in strict order.
async fn endpoints(client: &Client, outside: &Receiver) -> Result<[Endpoint; 2]> {
    let no = || Reply::json(500, &json!({}));
    outside.answer("/strict", [no(), no(), Reply::default()]);
    let strict = json!({"url": outside.url("/strict"), "options": {"ordering": "STRICT"}});
    Ok([
        create(client, &outside.url("/parallel"), &[]).await?,
        create_with(client, strict).await?,
    ])
}

/// Publishes until it is accepted, as a client does that has a key; nothing when the server has died meanwhile.
async fn publish(client: &Client, number: usize) -> Option<String> {
    let input =
        json!({"type": "a", "data": {"number": number}, "idempotencyKey": format!("key {number}")});
    let sent = client.succeed("publishEvent", input, "event { id }").await;
    let id = sent.ok()?["event"]["id"].as_str()?.to_owned();
    Some(id)
}

/// Each event once more under its own id at each endpoint, and nothing that was never published.
fn check(outside: &Receiver, events: &BTreeMap<usize, String>) -> Result<()> {
    for path in ["/parallel", "/strict"] {
        let mut ids: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for request in outside.requests_to(path) {
            let number = request.json()["data"]["number"]
                .as_u64()
                .unwrap_or(u64::MAX);
            let id = request.header("webhook-id").to_owned();
            ids.entry(usize::try_from(number)?).or_default().insert(id);
        }
        for (number, event) in events {
            let seen = ids.get(number).cloned().unwrap_or_default();
            ensure!(
                seen == BTreeSet::from([event.clone()]),
                "event {number}, {event}, arrived at {path} as {seen:?}"
            );
        }
        ensure!(ids.len() == events.len(), "{path} got {} events", ids.len());
    }
    Ok(())
}

/// Waits until all deliveries to the endpoints have succeeded, for at most two minutes.
async fn all_arrived(client: &Client, endpoints: &[Endpoint], count: usize) -> Result<()> {
    let document = "query($id: ID!) { webhookEndpoint(id: $id) { deliveries(status: SUCCEEDED) { totalCount } } }";
    for endpoint in endpoints {
        let (mut arrived, mut since) = (json!(0), Instant::now());
        loop {
            let data = client
                .data_with(document, json!({"id": endpoint.id}))
                .await?;
            let now = &data["webhookEndpoint"]["deliveries"]["totalCount"];
            if *now == count {
                break;
            }
            if *now != arrived {
                (arrived, since) = (now.clone(), Instant::now());
            }
            ensure!(
                since.elapsed() < Duration::from_secs(60),
                "stuck at {data}: {:#?}",
                open(&deliveries(client, endpoint).await?)
            );
            sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

fn open(found: &[Value]) -> Vec<&Value> {
    let open = found.iter().filter(|row| row["status"] != "SUCCEEDED");
    open.take(3).collect()
}

/// A server that dies at its first write of attempts, then at its second, and so on.
async fn at_each_write(engine: Engine, side: &str) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = setup(engine)?.start().await?;
    let owner = jackfield.owner();
    let endpoints = endpoints(&owner, &outside).await?;
    let mut events = BTreeMap::new();
    for kill in 1..=6 {
        jackfield.kill().await?;
        jackfield.set(CRASH, Some(&format!("{side}:{kill}")));
        // What is left may be sent, and kill it, before it is ready.
        let _ready = jackfield.restart().await;
        while !jackfield.has_ended()? {
            let number = events.len();
            if let Some(id) = publish(&owner, number).await {
                events.insert(number, id);
            }
            sleep(Duration::from_millis(20)).await;
        }
        jackfield.set(CRASH, None);
        jackfield.restart().await?;
        // What was on its way when it died was stored, or was not and is refused to nobody: the key tells.
        let number = events.len();
        if let Some(id) = publish(&owner, number).await {
            events.insert(number, id);
        }
    }
    all_arrived(&owner, &endpoints, events.len()).await?;
    check(&outside, &events)?;
    jackfield.finish().await
}

/// One node on SQLite, two on PostgreSQL of which either may die.
async fn deliveries_survive_kills_at_any_time(engine: Engine) -> Result<()> {
    let seed = seed("JACKFIELD_CRASH_SEED");
    let kills = number("JACKFIELD_CRASH_KILLS", 5);
    let count = usize::try_from(number("JACKFIELD_CRASH_EVENTS", 300))?;
    println!(
        "{engine:?}: JACKFIELD_CRASH_SEED={seed} JACKFIELD_CRASH_KILLS={kills} JACKFIELD_CRASH_EVENTS={count}"
    );
    let mut numbers = Numbers::of(seed);
    let outside = Receiver::start().await?;
    let mut nodes = vec![setup(engine)?.start().await?];
    if engine == Engine::Postgres {
        nodes.push(Setup::node_of(&nodes[0])?.start().await?);
    }
    let endpoints = endpoints(&nodes[0].owner(), &outside).await?;
    let mut events = BTreeMap::new();
    for kill in 0..kills {
        let until = count * usize::try_from(kill + 1)? / usize::try_from(kills)?;
        let clients: Vec<Client> = nodes.iter().map(Jackfield::owner).collect();
        let victim = usize::try_from(numbers.below(nodes.len() as u64))?;
        let pause = Duration::from_micros(numbers.below(600_000));
        let node = &mut nodes[victim];
        let (published, killed) = tokio::join!(publish_all(&clients, events.len()..until), async {
            sleep(pause).await;
            node.kill().await?;
            node.restart().await
        });
        killed?;
        events.extend(published?);
    }
    let owner = nodes[0].owner();
    all_arrived(&owner, &endpoints, events.len()).await?;
    check(&outside, &events)?;
    println!(
        "{engine:?}: {kills} kills, {} events, none lost",
        events.len()
    );
    for node in nodes.into_iter().rev() {
        node.finish().await?;
    }
    Ok(())
}

/// Publishes these numbers in lists, each list again and again until it is accepted.
async fn publish_all(
    clients: &[Client],
    numbers: std::ops::Range<usize>,
) -> Result<Vec<(usize, String)>> {
    const LIST: usize = 100;
    let deadline = Instant::now() + Duration::from_secs(60);
    let numbers: Vec<usize> = numbers.collect();
    let mut published = Vec::with_capacity(numbers.len());
    let mut turn = 0;
    for list in numbers.chunks(LIST) {
        let events: Vec<Value> = list
            .iter()
            .map(|number| json!({"type": "a", "data": {"number": number}, "idempotencyKey": format!("key {number}")}))
            .collect();
        let ids = loop {
            ensure!(Instant::now() < deadline, "nothing is accepted any more");
            turn += 1;
            let client = &clients[turn % clients.len()];
            let input = json!({"events": events});
            let sent = client
                .succeed("publishEvents", input, "events { id }")
                .await;
            match sent {
                Ok(payload) => break payload["events"].clone(),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        };
        let ids = ids.as_array().cloned().unwrap_or_default();
        let ids = ids.iter().filter_map(|event| event["id"].as_str());
        published.extend(list.iter().copied().zip(ids.map(str::to_owned)));
    }
    Ok(published)
}
