//! The figures.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jackfield_tests::postgres::{Cluster, Durability};
use jackfield_tests::{Engine, Jackfield, Plugins, Setup, graph, node};
use serde_json::{Value, json};

use super::sender::Sender;

const CONNECTIONS: usize = 64;
const SECRET: &str = "whsec_c3RyaXBlLXNpZ25zLXdpdGgtdGhpcw";

/// Measures one figure and prints it.
pub async fn measure(name: &str, length: Duration) -> Result<()> {
    match name {
        "stored" => stored(Engine::Sqlite, length).await,
        "run" => run(length).await,
        "postgres" if Cluster::is_installed() => stored(Engine::Postgres, length).await,
        "postgres" => {
            eprintln!("SKIPPED: no PostgreSQL server is installed");
            Ok(())
        }
        other => bail!("there is no figure `{other}`"),
    }
}

async fn start(engine: Engine) -> Result<Jackfield> {
    Setup::with(engine, Plugins::All)?
        .durability(Durability::Disk)
        .environment("JACKFIELD_LOG", "warn")
        .start()
        .await
}

/// The hook of a connected app, which no workflow listens to: only the event is stored.
async fn stored(engine: Engine, length: Duration) -> Result<()> {
    let jackfield = start(engine).await?;
    let url = app_hook(&jackfield).await?;
    let name = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let mut figure = json!({"figure": "stored", "engine": name});
    if engine == Engine::Sqlite {
        figure["targetPerSecond"] = json!(15_000);
        figure["targetP99Ms"] = json!(20);
    }
    load(&jackfield, &url, length, figure).await?;
    jackfield.finish().await
}

/// The hook of a trigger: the event is stored with a run, which is executed.
async fn run(length: Duration) -> Result<()> {
    let jackfield = start(Engine::Sqlite).await?;
    let nodes = [
        node(
            "got",
            "webhook",
            json!({"scheme": "stripe", "secret": SECRET}),
        ),
        node(
            "made",
            "set",
            json!({"values": {"amount": "{{ trigger.body.data.object.amount }}"}}),
        ),
    ];
    let workflow = jackfield
        .owner()
        .publish("Got", graph(nodes, &["got -> made"]))
        .await?;
    let figure = json!({"figure": "run", "engine": "sqlite"});
    load(&jackfield, &workflow.hooks[0].url, length, figure).await?;
    jackfield.abandon();
    Ok(())
}

async fn load(jackfield: &Jackfield, url: &str, length: Duration, mut figure: Value) -> Result<()> {
    let sender = Sender::new(url, SECRET)?;
    let warm = sender.load(CONNECTIONS, Duration::from_secs(2)).await?;
    let (size, begun) = (jackfield.database_size()?, Instant::now());
    let latencies = sender.load(CONNECTIONS, length).await?;
    let elapsed = begun.elapsed().as_secs_f64();
    let grown = jackfield.database_size()?.saturating_sub(size);
    // What was answered is there, each once.
    let stored = jackfield.owner().data("{ events { totalCount } }").await?;
    let sent = warm.count() + latencies.count();
    ensure!(
        stored["events"]["totalCount"] == sent,
        "{sent} were accepted: {stored}"
    );
    figure["bench"] = json!("inbound");
    figure["connections"] = json!(CONNECTIONS);
    figure["perSecond"] = json!((latencies.count() as f64 / elapsed).round());
    figure["p50Ms"] = json!(latencies.at(0.5));
    figure["p99Ms"] = json!(latencies.at(0.99));
    figure["databaseBytesPerEvent"] = json!(grown / latencies.count().max(1) as u64);
    println!("{figure}");
    Ok(())
}

async fn app_hook(jackfield: &Jackfield) -> Result<String> {
    let owner = jackfield.owner();
    let input = json!({
        "provider": "http", "name": "Payments", "credentials": {"scheme": "bearer", "token": "tok_of_the_payments"},
    });
    let app = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let input = json!({"connectedAppId": app["connectedApp"]["id"], "scheme": "stripe"});
    let hook = owner
        .succeed("createInboundHook", input, "inboundHook { id url }")
        .await?;
    let hook = &hook["inboundHook"];
    let input = json!({"inboundHookId": hook["id"], "secret": SECRET});
    owner
        .succeed("updateInboundHook", input, "inboundHook { id }")
        .await?;
    Ok(hook["url"].as_str().context("a hook has a URL")?.to_owned())
}
