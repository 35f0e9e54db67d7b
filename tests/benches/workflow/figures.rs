//! The figures.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use jackfield_tests::postgres::{Cluster, Durability};
use jackfield_tests::{Engine, Jackfield, Plugins, Setup, Workflow, graph, node};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::disk::synced;
use super::driver::Target;
use super::node::overhead;
use super::process::{busy_ms, resident};

/// What n8n and Node-RED are measured with.
const CONNECTIONS: usize = 32;

/// After so many runs each it is looked whether SQLite's write-ahead log still grows.
const ROUND: usize = 4_000;

/// How many runs wait.
const WAITING: usize = 10_000;

/// How many finished runs there are beforehand.
const FINISHED: usize = 1_000_000;

/// Measures one figure and prints it.
pub async fn measure(name: &str, length: Duration) -> Result<()> {
    match name {
        "throughput" => throughput(Engine::Sqlite, length).await,
        "postgres" if Cluster::is_installed() => throughput(Engine::Postgres, length).await,
        "postgres" => {
            eprintln!("SKIPPED: no PostgreSQL server is installed");
            Ok(())
        }
        "paced" => paced(length).await,
        "node" => overhead(length).await,
        "chain" => chain(length).await,
        "waiting" => waiting(length).await,
        "million" => million(length).await,
        other => bail!("there is no figure `{other}`"),
    }
}

pub(super) async fn start(engine: Engine) -> Result<Jackfield> {
    Setup::with(engine, Plugins::All)?
        .durability(Durability::Disk)
        .environment("JACKFIELD_LOG", "warn")
        .start()
        .await
}

/// webhook → set → respond.
async fn answering(jackfield: &Jackfield) -> Result<Target> {
    let nodes = [
        node("got", "webhook", json!({"respond": "when_finished"})),
        node(
            "made",
            "set",
            json!({"values": {"id": "{{ trigger.body.id }}", "amount": "{{ trigger.body.amount * 2 }}"}}),
        ),
        node(
            "answer",
            "respond",
            json!({"status": 200, "body": "{{ steps.made.output }}"}),
        ),
    ];
    let definition = graph(nodes, &["got -> made", "made -> answer"]);
    let workflow = jackfield.owner().publish("Answer", definition).await?;
    target(&workflow)
}

/// Has SQLite's write-ahead log written over from its beginning, as it is on a server that has been up for a while. Before, each
/// commit also makes a file longer, which takes the disk half as long again.
pub(super) async fn go_round(jackfield: &Jackfield, target: &Target) -> Result<()> {
    let log = jackfield.data_dir().join("jackfield.db-wal");
    let mut length = 0;
    loop {
        target.post(CONNECTIONS, ROUND).await?;
        let before = std::mem::replace(&mut length, fs::metadata(&log)?.len());
        if length == before {
            return Ok(());
        }
    }
}

pub(super) fn target(workflow: &Workflow) -> Result<Target> {
    let body = json!({"id": "ord_1042", "amount": 1999, "currency": "eur", "customer": "cus_77"});
    Target::new(&workflow.hooks[0].url, &body.to_string())
}

async fn throughput(engine: Engine, length: Duration) -> Result<()> {
    let jackfield = start(engine).await?;
    let target = answering(&jackfield).await?;
    target.load(CONNECTIONS, Duration::from_secs(2)).await?;
    let (size, begun) = (jackfield.database_size()?, Instant::now());
    let mut latencies = target.load(CONNECTIONS, length).await?;
    let elapsed = begun.elapsed().as_secs_f64();
    let grown = jackfield.database_size()?.saturating_sub(size);
    let (target_rate, name) = match engine {
        Engine::Sqlite => (6_500, "sqlite"),
        Engine::Postgres => (3_000, "postgres"),
    };
    print(json!({
        "figure": "throughput", "engine": name, "connections": CONNECTIONS,
        "runsPerSecond": (latencies.count() as f64 / elapsed).round(), "targetPerSecond": target_rate,
        "p50Ms": latencies.at(0.5), "p99Ms": latencies.at(0.99), "targetP50Ms": 5,
        "rssMb": megabytes(resident(jackfield.process_id()?)?),
        "databaseBytesPerRun": grown / latencies.count().max(1) as u64,
    }));
    jackfield.finish().await
}

async fn paced(length: Duration) -> Result<()> {
    const RATE: u32 = 50;
    let jackfield = start(Engine::Sqlite).await?;
    let target = answering(&jackfield).await?;
    go_round(&jackfield, &target).await?;
    target.pace(RATE, Duration::from_secs(1)).await?;
    let mut latencies = target.pace(RATE, length).await?;
    print(json!({
        "figure": "paced", "engine": "sqlite", "runsPerSecond": RATE,
        "p50Ms": latencies.at(0.5), "p99Ms": latencies.at(0.99), "targetP50Ms": 1.5, "diskP50Ms": synced()?.at(0.5),
        "rssMb": megabytes(resident(jackfield.process_id()?)?),
    }));
    jackfield.finish().await
}

async fn chain(length: Duration) -> Result<()> {
    const STEPS: usize = 40;
    let jackfield = start(Engine::Sqlite).await?;
    let mut nodes = vec![node("got", "webhook", json!({"respond": "when_finished"}))];
    let mut edges = Vec::new();
    let mut before = "got".to_owned();
    for number in 0..STEPS {
        let key = format!("s{number}");
        nodes.push(node(
            &key,
            "set",
            json!({"values": {"n": "{{ trigger.body.amount }}"}}),
        ));
        edges.push(format!("{before} -> {key}"));
        before = key;
    }
    let edges: Vec<&str> = edges.iter().map(String::as_str).collect();
    let workflow = jackfield
        .owner()
        .publish("Chain", graph(nodes, &edges))
        .await?;
    let target = target(&workflow)?;
    target.post(1, 20).await?;
    let size = jackfield.database_size()?;
    let mut latencies = target.load(1, length / 2).await?;
    let grown = jackfield.database_size()?.saturating_sub(size);
    print(json!({
        "figure": "chain", "engine": "sqlite", "steps": STEPS,
        "p50Ms": latencies.at(0.5), "p99Ms": latencies.at(0.99), "targetP50Ms": 10,
        "rssMb": megabytes(resident(jackfield.process_id()?)?),
        "databaseBytesPerRun": grown / latencies.count().max(1) as u64,
    }));
    jackfield.finish().await
}

async fn waiting(length: Duration) -> Result<()> {
    let jackfield = start(Engine::Sqlite).await?;
    let nodes = [
        node("got", "webhook", json!({})),
        node("wait", "delay", json!({"duration": "PT12H"})),
        node("note", "debug", json!({"message": "over"})),
    ];
    let definition = graph(nodes, &["got -> wait", "wait -> note"]);
    let workflow = jackfield.owner().publish("Wait", definition).await?;
    let target = target(&workflow)?;
    let process = jackfield.process_id()?;
    let size = jackfield.database_size()?;
    target.post(CONNECTIONS, WAITING).await?;
    until_waiting(&jackfield, WAITING).await?;
    let grown = jackfield.database_size()?.saturating_sub(size);
    sleep(Duration::from_secs(2)).await;
    let before = busy_ms(process)?;
    sleep(length).await;
    let busy = busy_ms(process)? - before;
    print(json!({
        "figure": "waiting", "engine": "sqlite", "runs": WAITING,
        "rssMb": megabytes(resident(process)?), "targetRssMb": 100,
        "cpuPercent": busy as f64 / length.as_millis() as f64 * 100.0, "targetCpuPercent": 0,
        "databaseBytesPerRun": grown / WAITING as u64,
    }));
    jackfield.abandon();
    Ok(())
}

async fn until_waiting(jackfield: &Jackfield, wanted: usize) -> Result<()> {
    let document = "{ runs(filter: {status: WAITING}) { totalCount } }";
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let count = jackfield.owner().data(document).await?["runs"]["totalCount"].clone();
        if count == json!(wanted) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("only {count} runs wait");
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Two servers take turns, one with a million runs and one with none: a machine that becomes slower while the million is
/// written slows both.
async fn million(length: Duration) -> Result<()> {
    const TURNS: u32 = 4;
    let (full, empty) = (start(Engine::Sqlite).await?, start(Engine::Sqlite).await?);
    let (of_full, of_empty) = (answering(&full).await?, answering(&empty).await?);
    of_full.post(CONNECTIONS, FINISHED).await?;
    of_empty.load(CONNECTIONS, Duration::from_secs(2)).await?;
    let mut finished = [0, 0];
    for turn in 0..2 * TURNS {
        // Full, empty, empty, full: neither is always the one that comes first.
        let which = usize::from(turn % 4 == 1 || turn % 4 == 2);
        let target = [&of_full, &of_empty][which];
        finished[which] += target.load(CONNECTIONS, length / TURNS).await?.count();
    }
    let [with, without] = finished.map(|count| count as f64 / length.as_secs_f64());
    print(json!({
        "figure": "million", "engine": "sqlite", "finishedRuns": FINISHED, "turns": TURNS,
        "runsPerSecondWithout": without.round(), "runsPerSecondWith": with.round(),
        "changePercent": ((with / without - 1.0) * 1000.0).round() / 10.0, "targetChangePercent": -10,
        "rssMb": megabytes(resident(full.process_id()?)?),
        "databaseMb": megabytes(full.database_size()?),
    }));
    empty.finish().await?;
    full.finish().await
}

fn megabytes(bytes: u64) -> f64 {
    (bytes as f64 / 1e5).round() / 10.0
}

pub(super) fn print(mut figure: Value) {
    figure["bench"] = json!("workflow");
    println!("{figure}");
}
