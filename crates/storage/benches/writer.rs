//! Durable event appends per second: each is a real `append`, answered after its commit is on disk
//! (SQLite: WAL with `synchronous=FULL`; PostgreSQL: `fsync=on`, `synchronous_commit=on`).
//!
//! Prints one JSON line per figure. Arguments name engines (`sqlite`, `postgres`) or numbers of
//! callers, to measure only those; `--seconds=N` sets how long each figure is measured.

use std::{
    env, process,
    time::{Duration, Instant},
};

use jackfield_storage::{
    Append, Channels, Clock, Json, NewEvent, Store, StoreConfig,
    access::{Permit, PublishEvents},
};
use jackfield_tests::postgres::{Cluster, Durability};
use serde_json::json;

/// Callers, the rates to reach on SQLite and on PostgreSQL, the median in milliseconds to stay under.
const FIGURES: &[(usize, u64, u64, Option<f64>)] = &[
    (1, 0, 0, Some(0.4)),
    (32, 21_000, 30_000, None),
    (256, 45_000, 60_000, None),
];

fn main() {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let wanted = |name: &str, among: &[&str]| {
        let named = |argument: &String| argument == name;
        arguments.iter().any(named)
            || !arguments
                .iter()
                .any(|argument| among.contains(&argument.as_str()))
    };
    let seconds = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--seconds="))
        .and_then(|number| number.parse().ok())
        .unwrap_or(5);
    let runtime = tokio::runtime::Runtime::new().unwrap_or_else(|error| fail(&error));
    for engine in ["sqlite", "postgres"] {
        if !wanted(engine, &["sqlite", "postgres"]) {
            continue;
        }
        if engine == "postgres" && !Cluster::is_installed() {
            eprintln!(
                "SKIPPED: no PostgreSQL server is installed (Debian: apt-get install postgresql)"
            );
            continue;
        }
        for (callers, sqlite, postgres, median) in FIGURES {
            if !wanted(&callers.to_string(), &["1", "32", "256"]) {
                continue;
            }
            let target = if engine == "sqlite" {
                *sqlite
            } else {
                *postgres
            };
            let figure = runtime
                .block_on(measure(engine, *callers, Duration::from_secs(seconds)))
                .unwrap_or_else(|error| fail(error.as_ref()));
            println!("{}", figure.json(engine, *callers, target, *median));
        }
    }
}

fn fail(error: &dyn std::error::Error) -> ! {
    eprintln!("the writer could not be measured: {error}");
    process::exit(1)
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Figure {
    latencies: Vec<Duration>,
    elapsed: Duration,
}

impl Figure {
    fn json(
        mut self,
        engine: &str,
        callers: usize,
        target: u64,
        median: Option<f64>,
    ) -> serde_json::Value {
        self.latencies.sort_unstable();
        let at = |share: f64| {
            let index = (self.latencies.len() as f64 * share) as usize;
            let latency = self.latencies.get(index).copied().unwrap_or_default();
            (latency.as_secs_f64() * 1e6).round() / 1e3
        };
        let rate = self.latencies.len() as f64 / self.elapsed.as_secs_f64();
        let mut figure = json!({
            "bench": "writer",
            "engine": engine,
            "callers": callers,
            "appendsPerSecond": rate.round() as u64,
            "p50Ms": at(0.5),
            "p99Ms": at(0.99),
        });
        match median {
            Some(median) => figure["targetP50Ms"] = json!(median),
            None => figure["targetPerSecond"] = json!(target),
        }
        figure
    }
}

async fn measure(engine: &str, callers: usize, length: Duration) -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let cluster;
    let url = if engine == "sqlite" {
        format!("sqlite://{}", folder.path().join("bench.db").display())
    } else {
        cluster = Cluster::start(Durability::Disk)?;
        cluster.create_database()?
    };
    let store = Store::open(StoreConfig::new(url), Clock::system()).await?;
    let (workspace, _) = store.ensure_default_workspace().await?;
    let permit = Permit::<PublishEvents>::system(workspace.id, "bench");
    // A server always has a follower: subscriptions and the engine.
    let mut changes = store.changes();
    tokio::spawn(async move {
        while !matches!(
            changes.recv().await,
            Err(tokio::sync::broadcast::error::RecvError::Closed)
        ) {}
    });

    run(&store, &permit, callers, Duration::from_secs(1)).await?;
    let started = Instant::now();
    let latencies = run(&store, &permit, callers, length).await?;
    let elapsed = started.elapsed();
    store.close().await;
    Ok(Figure { latencies, elapsed })
}

/// Lets that many callers append one event after the other. Returns how long each waited.
async fn run(
    store: &Store,
    permit: &Permit<PublishEvents>,
    callers: usize,
    length: Duration,
) -> Result<Vec<Duration>> {
    let end = Instant::now() + length;
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (store, permit) = (store.clone(), permit.clone());
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while Instant::now() < end {
                    let append = payment(store.clock());
                    let started = Instant::now();
                    store.writer().append(&permit, append).await?;
                    latencies.push(started.elapsed());
                }
                Ok::<_, jackfield_storage::StorageError>(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(latencies)
}

/// An event as a payment provider sends it: some 300 bytes of data and a random key.
fn payment(clock: &Clock) -> Append {
    let mut random = [0; 16];
    clock.random(&mut random);
    let key = format!("evt_{:032x}", u128::from_be_bytes(random));
    let data = format!(
        r#"{{"id":"{key}","object":"event","api_version":"2025-09-30","created":1763654400,"type":"payment_intent.succeeded","livemode":false,"data":{{"object":{{"id":"pi_{:024x}","object":"payment_intent","amount":{},"currency":"eur","status":"succeeded","customer":"cus_NffrFeUfNV2Hib"}}}}}}"#,
        u128::from_be_bytes(random) >> 32,
        random[0]
    );
    Append {
        event: NewEvent {
            id: clock.id(),
            event_type: "payment_intent.succeeded".to_owned(),
            source: "stripe".to_owned(),
            data: Json::check(data).unwrap_or_else(|_| Json::null()),
            hook_id: Some(clock.id()),
            dedupe_key: Some(key),
            occurred_at: clock.now(),
            content_type: None,
            dedupe_hash: None,
            channels: Channels::default(),
            app_id: None,
            request: None,
        },
        runs: Vec::new(),
    }
}
