//! A workflow with everything in it that can be torn by a crash, and an outside that counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jackfield_tests::{Client, Receiver, Workflow, graph, node};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// A delay, two items with an effect each, an approval, and an effect before and after: three HTTP nodes, four requests.
pub fn definition(outside: &Receiver) -> Value {
    let post = |key: &str, path: &str| {
        let config =
            json!({"url": outside.url(path), "method": "POST", "body": {"run": "{{ run.id }}"}});
        node(key, "api-endpoint", config)
    };
    graph(
        [
            node("start", "manual", json!({})),
            post("reserve", "/reserve"),
            node("pause", "delay", json!({"duration": "PT0.2S"})),
            node(
                "each",
                "for-each",
                json!({"items": ["a", "b"], "concurrency": 2}),
            ),
            post("charge", "/charge/{{ steps.each.output.item }}"),
            node("sign", "approval", json!({"message": "Ship it?"})),
            post("ship", "/ship"),
        ],
        &[
            "start -> reserve",
            "reserve -> pause",
            "pause -> each",
            "each.item -> charge",
            "each -> sign",
            "sign.approved -> ship",
        ],
    )
}

/// The requests that each run makes.
const PATHS: [&str; 4] = ["/reserve", "/charge/a", "/charge/b", "/ship"];

/// The nodes that make them, each after the one before has finished.
const STAGES: [&str; 3] = ["/reserve", "/charge", "/ship"];

/// Answers the approval of a run, if it waits for one.
pub async fn approve(client: &Client, run: &Value) -> Result<()> {
    let steps = run["steps"].as_array().context("a run has steps")?;
    let waits = |step: &&Value| step["nodeKey"] == "sign" && step["status"] == "WAITING";
    if let Some(step) = steps.iter().find(waits) {
        let input = json!({"stepId": step["id"], "decision": "APPROVED"});
        // The answer may have been taken just before a crash.
        client
            .mutate("decideApproval", input, "step { id }")
            .await?;
    }
    Ok(())
}

/// Whether a run has ended well.
pub async fn drive(client: &Client, run: &str) -> Result<bool> {
    let now = client.run(run).await?;
    approve(client, &now).await?;
    match now["status"].as_str() {
        Some("SUCCEEDED") => Ok(true),
        Some("FAILED" | "CANCELLED") => anyhow::bail!("the run ended badly: {now:#}"),
        _ => Ok(false),
    }
}

/// Goes on until all runs have ended well, for at most a minute.
pub async fn to_end(client: &Client, runs: &[String]) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut open = runs.to_vec();
    while !open.is_empty() {
        for run in std::mem::take(&mut open) {
            if !drive(client, &run).await? {
                open.push(run);
            }
        }
        if let (Some(stuck), true) = (open.first(), Instant::now() > deadline) {
            anyhow::bail!(
                "{} runs are stuck, such as {:#}",
                open.len(),
                client.run(stuck).await?
            );
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The runs that are stored, oldest first.
pub async fn stored(client: &Client, workflow: &Workflow) -> Result<Vec<String>> {
    let runs = client.runs_of(workflow).await?;
    let ids = runs.iter().rev().filter_map(|run| run["id"].as_str());
    Ok(ids.map(str::to_owned).collect())
}

/// Starts a run, or finds the one that was started with that key.
pub async fn start(client: &Client, workflow: &Workflow, key: &str) -> Result<String> {
    let input = json!({"workflowId": workflow.id, "input": {}, "idempotencyKey": key});
    let started = client.succeed("startRun", input, "run { id }").await?;
    let id = started["run"]["id"].as_str();
    Ok(id.context("a run has an id")?.to_owned())
}

/// Checks what the outside has seen: each effect of each run, under one key that no other effect has, none of a step again
/// once the next one has begun, and each step once in the history.
pub async fn check(client: &Client, outside: &Receiver, runs: &[String]) -> Result<()> {
    let mut keys: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut come_to: BTreeMap<String, usize> = BTreeMap::new();
    for request in outside.requests() {
        let run = request.json()["run"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let stage = STAGES
            .iter()
            .position(|stage| request.path.starts_with(stage));
        let come_to = come_to.entry(run.clone()).or_default();
        ensure!(
            stage >= Some(*come_to),
            "{} of {run} was done again after {}",
            request.path,
            STAGES[*come_to]
        );
        *come_to = stage.unwrap_or_default();
        let key = request.header("idempotency-key").to_owned();
        keys.entry((run, request.path)).or_default().insert(key);
    }
    let mut all = BTreeSet::new();
    for run in runs {
        for path in PATHS {
            let seen = keys.get(&(run.clone(), path.to_owned()));
            let seen = seen.with_context(|| format!("{path} of {run} never happened"))?;
            ensure!(seen.len() == 1, "{path} of {run} has the keys {seen:?}");
            let key = seen.first().cloned().unwrap_or_default();
            ensure!(
                !key.is_empty() && all.insert(key),
                "{path} of {run} shares its key"
            );
        }
        let now = client.run(run).await?;
        let steps = now["steps"].as_array().context("a run has steps")?;
        let charges = steps.iter().filter(|step| step["nodeKey"] == "charge");
        ensure!(charges.count() == 2, "{now:#}");
        ensure!(
            steps.iter().all(|step| step["status"] == "SUCCEEDED") && steps.len() == 8,
            "{now:#}"
        );
    }
    Ok(())
}

/// The ways in which runs begin: before they are written, after a claim, and after others.
pub const MANNERS: [&str; 3] = ["PLAIN", "URGENT", "LIMITED"];

/// The workflow, published, with runs that begin in that manner.
pub async fn publish(client: &Client, outside: &Receiver, manner: &str) -> Result<Workflow> {
    let mut definition = definition(outside);
    definition["settings"] = match manner {
        "URGENT" => json!({"priority": "HIGH"}),
        "LIMITED" => json!({"concurrency": {"limit": 1}}),
        _ => json!({}),
    };
    client.publish("crash", definition).await
}
