//! Other servers beside this one: those that are known to be fast, on the same machine, in the same minutes. They keep the rows in
//! memory and ask for no credentials.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::driver::Target;
use super::figures::{CONNECTIONS, LIST};

/// The servers, by their files in `bench/`, and how many times as fast this one is to be with a list.
const PEERS: [(&str, f64); 2] = [("mercurius", 2.0), ("yoga", 4.0)];

/// Measures the same list at each of the peers, and compares.
pub async fn compare(ours: f64, length: Duration) -> Result<()> {
    install().await?;
    for (name, target) in PEERS {
        let (_peer, url) = start(name).await?;
        let typename = rate(&url, &json!({"query": "{ __typename }"}), length).await?;
        let list = rate(&url, &json!({"query": LIST}), length).await?;
        println!(
            "{}",
            json!({
                "bench": "graphql", "figure": "peers", "peer": name, "typenamePerSecond": typename.round(),
                "listPerSecond": list.round(), "ours": ours.round(), "ratio": (ours / list * 100.0).round() / 100.0,
                "targetRatio": target,
            })
        );
    }
    Ok(())
}

async fn rate(url: &str, body: &Value, length: Duration) -> Result<f64> {
    let target = Target::new(url, &body.to_string())?;
    target.load(CONNECTIONS, Duration::from_secs(2)).await?;
    let latencies = target.load(CONNECTIONS, length).await?;
    Ok(latencies.count() as f64 / length.as_secs_f64())
}

/// Starts a peer, which prints its URL when it is ready and ends when it is dropped.
async fn start(name: &str) -> Result<(Child, String)> {
    let mut peer = Command::new("node")
        .arg(format!("{name}.js"))
        .current_dir(folder())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("Node.js 20 or newer runs the peers")?;
    let output = peer.stdout.take().context("it has an output")?;
    let mut lines = BufReader::new(output).lines();
    let url = lines.next_line().await?.context("it ended at once")?;
    Ok((peer, url))
}

async fn install() -> Result<()> {
    let status = Command::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--silent",
        ])
        .current_dir(folder())
        .stdin(Stdio::null())
        .status()
        .await
        .context("npm installs the peers")?;
    ensure!(status.success(), "`npm ci` in bench/ failed");
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench")
}
