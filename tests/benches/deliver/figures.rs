use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use jackfield_tests::postgres::{Cluster, Durability};
use jackfield_tests::{Engine, Jackfield, Plugins, Setup};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use super::driver::Driver;
use super::process::resident;
use super::receiver::Receiver;

/// What Svix was measured with.
const CONNECTIONS: usize = 32;

/// How many events there are beforehand that were delivered.
const DELIVERED: usize = 1_000_000;

/// How often two servers that are compared take turns.
const TURNS: u32 = 4;

/// Measures one figure and prints it.
pub async fn measure(name: &str, length: Duration) -> Result<()> {
    let measured = async {
        match name {
            "throughput" => throughput(Engine::Sqlite, length).await,
            "postgres" if Cluster::is_installed() => throughput(Engine::Postgres, length).await,
            "postgres" => {
                eprintln!("SKIPPED: no PostgreSQL server is installed");
                Ok(())
            }
            "paced" => paced(length).await,
            "fan-out" => fan_out(length).await,
            "batch" => batch(length).await,
            "dead" => dead(length).await,
            "million" => stored("million", 0, length).await,
            "ten-million" => stored("ten-million", 9_000_000, length).await,
            other => bail!("there is no figure `{other}`"),
        }
    };
    LocalSet::new().run_until(measured).await
}

/// A server, a driver that publishes to it, and a receiver of what it sends.
struct World {
    jackfield: Jackfield,
    driver: Driver,
    receiver: Receiver,
}

/// What came of a time under load.
struct Load {
    /// Webhooks a second, from the first publication to the last arrival.
    per_second: f64,
    /// Sorted, in nanoseconds.
    latencies: Vec<u64>,
}

impl World {
    async fn start(engine: Engine, endpoints: &[&str]) -> Result<Self> {
        let start = Instant::now();
        let jackfield = Setup::with(engine, Plugins::All)?
            .durability(Durability::Disk)
            .environment("JACKFIELD_LOG", "warn")
            .start()
            .await?;
        let receiver = Receiver::start(start).await?;
        let driver = Driver::new(&jackfield.url(""), jackfield.owner_key(), start);
        let world = Self {
            jackfield,
            driver,
            receiver,
        };
        for path in endpoints {
            world.endpoint(path).await?;
        }
        Ok(world)
    }

    /// With so many endpoints, each for a type of its own. Returns the id of the first endpoint too.
    async fn of_kinds(endpoints: usize) -> Result<(Self, Value)> {
        let mut world = Self::start(Engine::Sqlite, &[]).await?;
        world.driver = world.driver.kinds(endpoints);
        let mut first = json!(null);
        for number in (0..endpoints).rev() {
            let path = format!("e{number}");
            first = world
                .endpoint_of(&path, &format!("invoice.{number}"))
                .await?;
        }
        Ok((world, first))
    }

    async fn endpoint(&self, path: &str) -> Result<()> {
        self.endpoint_of(path, "invoice.*").await?;
        Ok(())
    }

    /// Returns the endpoint's id.
    async fn endpoint_of(&self, path: &str, event_type: &str) -> Result<Value> {
        let input = json!({"url": self.receiver.url(path), "eventTypes": [event_type]});
        let owner = self.jackfield.owner();
        let made = owner
            .succeed("createWebhookEndpoint", input, "webhookEndpoint { id }")
            .await?;
        Ok(made["webhookEndpoint"]["id"].clone())
    }

    /// Publishes for so long and waits until everything has arrived at each of so many endpoints.
    async fn load(&self, length: Duration, endpoints: usize) -> Result<Load> {
        self.receiver.take();
        let begun = Instant::now();
        let accepted = self.driver.load(CONNECTIONS, length).await?;
        self.receiver.until(accepted * endpoints).await?;
        let latencies = self.receiver.take();
        Ok(Load {
            per_second: latencies.len() as f64 / begun.elapsed().as_secs_f64(),
            latencies,
        })
    }

    /// The same when the endpoint for the first type gets nothing. Returns how many webhooks a second the others got, and the
    /// dead one would have got besides.
    async fn load_others(&self, length: Duration) -> Result<f64> {
        self.receiver.take();
        let (begun, lost) = (Instant::now(), self.driver.of_first_kind());
        let accepted = self.driver.load(CONNECTIONS, length).await?;
        let lost = self.driver.of_first_kind() - lost;
        self.receiver.until(accepted - lost).await?;
        Ok(accepted as f64 / begun.elapsed().as_secs_f64())
    }

    fn rss_mb(&self) -> Result<f64> {
        let bytes = resident(self.jackfield.process_id()?)?;
        Ok((bytes as f64 / 1e5).round() / 10.0)
    }
}

/// The latency that so large a share did not exceed, in milliseconds.
fn at(latencies: &[u64], share: f64) -> f64 {
    let index = (latencies.len() as f64 * share) as usize;
    let nanos = latencies.get(index).copied().unwrap_or_default();
    (nanos as f64 / 1e3).round() / 1e3
}

const WARM: Duration = Duration::from_secs(2);

async fn throughput(engine: Engine, length: Duration) -> Result<()> {
    let world = World::start(engine, &["a"]).await?;
    world.load(WARM, 1).await?;
    let load = world.load(length, 1).await?;
    let (name, target) = match engine {
        Engine::Sqlite => ("sqlite", 10_000),
        Engine::Postgres => ("postgres", 5_000),
    };
    print(json!({
        "figure": "throughput", "engine": name, "connections": CONNECTIONS,
        "eventsPerSecond": load.per_second.round(), "targetPerSecond": target,
        "p50Ms": at(&load.latencies, 0.5), "p99Ms": at(&load.latencies, 0.99), "targetP50Ms": 10,
        "rssMb": world.rss_mb()?,
    }));
    world.jackfield.finish().await
}

async fn paced(length: Duration) -> Result<()> {
    const RATE: u32 = 50;
    let world = World::start(Engine::Sqlite, &["a"]).await?;
    world.driver.pace(RATE, Duration::from_secs(1)).await?;
    world.receiver.take();
    let accepted = world.driver.pace(RATE, length).await?;
    world.receiver.until(accepted).await?;
    let latencies = world.receiver.take();
    print(json!({
        "figure": "paced", "engine": "sqlite", "eventsPerSecond": RATE,
        "p50Ms": at(&latencies, 0.5), "p99Ms": at(&latencies, 0.99), "targetP50Ms": 1.5,
        "rssMb": world.rss_mb()?,
    }));
    world.jackfield.finish().await
}

async fn fan_out(length: Duration) -> Result<()> {
    let paths: Vec<String> = (0..10).map(|number| format!("e{number}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let world = World::start(Engine::Sqlite, &paths).await?;
    world.load(WARM, paths.len()).await?;
    let load = world.load(length, paths.len()).await?;
    print(json!({
        "figure": "fan-out", "engine": "sqlite", "endpoints": paths.len(),
        "deliveriesPerSecond": load.per_second.round(), "targetPerSecond": 20_000,
        "p50Ms": at(&load.latencies, 0.5), "p99Ms": at(&load.latencies, 0.99),
        "rssMb": world.rss_mb()?,
    }));
    world.jackfield.finish().await
}

async fn batch(length: Duration) -> Result<()> {
    const MANY: usize = 20;
    let mut world = World::start(Engine::Sqlite, &["a"]).await?;
    world.driver = world.driver.many(MANY);
    world.load(WARM, 1).await?;
    let load = world.load(length, 1).await?;
    print(json!({
        "figure": "batch", "engine": "sqlite", "eventsPerRequest": MANY,
        "eventsPerSecond": load.per_second.round(),
        "p50Ms": at(&load.latencies, 0.5), "p99Ms": at(&load.latencies, 0.99),
        "rssMb": world.rss_mb()?,
    }));
    world.jackfield.finish().await
}

/// A hundred endpoints, each with a type of its own, of which one ceases to answer. Beside it a server whose endpoints all answer
/// takes turns with it: a machine that becomes slower slows both.
async fn dead(length: Duration) -> Result<()> {
    const ENDPOINTS: usize = 100;
    let (ailing, first) = World::of_kinds(ENDPOINTS).await?;
    let (sound, _) = World::of_kinds(ENDPOINTS).await?;
    let input = json!({"webhookEndpointId": first, "url": ailing.receiver.url("dead")});
    let owner = ailing.jackfield.owner();
    owner
        .succeed("updateWebhookEndpoint", input, "webhookEndpoint { id }")
        .await?;
    sound.load(WARM, 1).await?;
    ailing.load_others(WARM).await?;
    let mut rates = [0.0, 0.0];
    for turn in 0..TURNS {
        let part = length / TURNS;
        if turn % 2 == 0 {
            rates[0] += sound.load(part, 1).await?.per_second;
        }
        rates[1] += ailing.load_others(part).await?;
        if turn % 2 == 1 {
            rates[0] += sound.load(part, 1).await?.per_second;
        }
    }
    let [without, with] = rates.map(|sum| sum / f64::from(TURNS));
    print(json!({
        "figure": "dead", "engine": "sqlite", "endpoints": ENDPOINTS, "turns": TURNS,
        "eventsPerSecondWithout": without.round(), "eventsPerSecondWith": with.round(),
        "changePercent": percent(with / without), "targetChangePercent": -5,
    }));
    ailing.jackfield.abandon();
    sound.jackfield.finish().await
}

/// With a million events that were delivered, and so many besides that nobody wanted. A server without them takes turns with it.
async fn stored(name: &str, unwanted: usize, length: Duration) -> Result<()> {
    let full = World::start(Engine::Sqlite, &["a"]).await?;
    let empty = World::start(Engine::Sqlite, &["a"]).await?;
    let driver = full.driver.clone().many(50);
    driver
        .clone()
        .about("ledger")
        .publish(CONNECTIONS, unwanted)
        .await?;
    let accepted = driver.publish(CONNECTIONS, DELIVERED).await?;
    full.receiver.until(accepted).await?;
    empty.load(WARM, 1).await?;
    let mut rates = [0.0, 0.0];
    for turn in 0..2 * TURNS {
        // Full, empty, empty, full: neither is always the one that comes first.
        let which = usize::from(turn % 4 == 1 || turn % 4 == 2);
        rates[which] += [&full, &empty][which]
            .load(length / TURNS, 1)
            .await?
            .per_second;
    }
    let [with, without] = rates.map(|sum| sum / f64::from(TURNS));
    print(json!({
        "figure": name, "engine": "sqlite", "storedEvents": DELIVERED + unwanted, "turns": TURNS,
        "eventsPerSecondWithout": without.round(), "eventsPerSecondWith": with.round(),
        "changePercent": percent(with / without), "targetChangePercent": -10,
        "rssMb": full.rss_mb()?, "databaseMb": (full.jackfield.database_size()? as f64 / 1e6).round(),
    }));
    empty.jackfield.finish().await?;
    full.jackfield.finish().await
}

/// By how many per cent something is more than it was.
fn percent(ratio: f64) -> f64 {
    ((ratio - 1.0) * 1000.0).round() / 10.0
}

fn print(mut figure: Value) {
    figure["bench"] = json!("deliver");
    println!("{figure}");
}
