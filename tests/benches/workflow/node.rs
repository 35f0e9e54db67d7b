//! What a node of a plugin costs besides what the provider takes.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{Client, Engine, Workflow, graph, node, node_of_app};
use serde_json::{Value, json};

use super::disk::synced;
use super::driver::{Latencies, Target};
use super::figures::{go_round, print, start, target};
use super::service;

const RATE: u32 = 50;
/// How long one of those that are compared is measured before the next has its turn.
const TURN: Duration = Duration::from_secs(1);
/// How many nodes a run has, one after the other, where it is measured without pauses.
const NODES: usize = 20;

/// webhook → node → respond, where the node calls a service for a connected app, beside the same with `set` in its place, and beside the
/// call of that service by itself. All three take turns, at the same rate.
pub async fn overhead(length: Duration) -> Result<()> {
    let jackfield = start(Engine::Sqlite).await?;
    let owner = jackfield.owner();
    let service = service::start()?;
    let credentials = json!({"scheme": "bearer", "token": service::TOKEN});
    let app = json!({"provider": "http", "name": "Bookings", "credentials": credentials});
    let app = owner.connect_app(app).await?;
    let body = json!({"id": "{{ trigger.body.id }}", "cents": "{{ trigger.body.amount * 100 }}",
        "note": "Order of {{ trigger.body.customer }}"});
    let config = json!({"url": service, "method": "POST", "query": {"currency": "{{ trigger.body.currency | upper }}"},
        "headers": {"x-customer": "{{ trigger.body.customer }}"}, "body": body});
    let calling = node_of_app("made", "api-endpoint", &app, config);
    let setting = node("made", "set", json!({"values": body}));
    let many = [
        answering(&owner, "Many calls", &calling, NODES).await?,
        answering(&owner, "Many sets", &setting, NODES).await?,
    ];
    let calling = answering(&owner, "Call", &calling, 1).await?;
    let setting = answering(&owner, "Set", &setting, 1).await?;
    let head = format!("authorization: Bearer {}\r\n", service::TOKEN);
    let body = json!({"id": "ord_1042", "cents": 199_900, "note": "Order of cus_77"});
    let targets = [
        target(&calling)?,
        target(&setting)?,
        Target::with(&service, &head, &body.to_string())?,
    ];
    go_round(&jackfield, &targets[1]).await?;
    for target in &targets {
        target.pace(RATE, TURN).await?;
    }
    let mut latencies = [(); 3].map(|()| Latencies::default());
    for _ in 0..length.div_duration_f64(TURN) as usize {
        for (target, latencies) in targets.iter().zip(&mut latencies) {
            latencies.add(target.pace(RATE, TURN).await?);
        }
    }
    let [with_node, with_set, direct] = latencies.map(|mut latencies| latencies.at(0.5));
    let busy = busy(
        [&target(&many[0])?, &target(&many[1])?, &targets[2]],
        length,
    )
    .await?;
    print(json!({
        "figure": "node", "engine": "sqlite", "runsPerSecond": RATE, "p50MsWithNode": with_node,
        "p50MsWithSet": with_set, "p50MsDirectCall": direct, "diskP50Ms": synced()?.at(0.5),
        "overheadUs": ((with_node - with_set - direct) * 1e3).round(), "busyOverheadUs": (busy * 1e3).round(),
        "targetOverheadUs": 300,
    }));
    jackfield.finish().await
}

/// What one of many nodes costs in a run that has nothing to wait for but them, in milliseconds: between two nodes of a run no processor
/// and no disk has gone to sleep.
async fn busy(targets: [&Target; 3], length: Duration) -> Result<f64> {
    let mut latencies = [(); 3].map(|()| Latencies::default());
    for _ in 0..length.div_duration_f64(TURN) as usize {
        for (target, latencies) in targets.iter().zip(&mut latencies) {
            latencies.add(target.load(1, TURN).await?);
        }
    }
    let [with_nodes, with_sets, direct] = latencies.map(|mut latencies| latencies.at(0.5));
    Ok((with_nodes - with_sets) / NODES as f64 - direct)
}

/// A workflow with so many times that node, one after the other.
async fn answering(owner: &Client, name: &str, node: &Value, times: usize) -> Result<Workflow> {
    let mut nodes = vec![jackfield_tests::node(
        "got",
        "webhook",
        json!({"respond": "when_finished"}),
    )];
    let mut edges = Vec::new();
    let mut before = "got".to_owned();
    for number in 0..times {
        let (mut node, key) = (node.clone(), format!("made{number}"));
        node["key"] = json!(key);
        edges.push(format!("{before} -> {key}"));
        nodes.push(node);
        before = key;
    }
    edges.push(format!("{before} -> answer"));
    let body = format!("{{{{ steps.{before}.output }}}}");
    nodes.push(jackfield_tests::node(
        "answer",
        "respond",
        json!({"status": 200, "body": body}),
    ));
    let edges: Vec<_> = edges.iter().map(String::as_str).collect();
    owner.publish(name, graph(nodes, &edges)).await
}
