//! Workflow definitions, short enough to read in a test.

use serde_json::{Value, json};

/// A node.
#[must_use]
pub fn node(key: &str, kind: &str, config: Value) -> Value {
    json!({"key": key, "type": kind, "config": config})
}

/// A definition of nodes and edges, each edge written as `from -> to` or `from.port -> to`.
#[must_use]
pub fn graph(nodes: impl IntoIterator<Item = Value>, edges: &[&str]) -> Value {
    let nodes: Vec<_> = nodes.into_iter().collect();
    let edges: Vec<_> = edges.iter().map(|edge| parse_edge(edge)).collect();
    json!({"nodes": nodes, "edges": edges})
}

/// A manual trigger with the key `start` that leads to one node.
#[must_use]
pub fn start_then(node: Value) -> Value {
    let key = node["key"].as_str().expect("a node has a key").to_owned();
    graph(
        [self::node("start", "manual", json!({})), node],
        &[&format!("start -> {key}")],
    )
}

/// The same, where the node's port `error` leads to the node `excuse`, which shows the error as its output's `message`.
#[must_use]
pub fn start_then_or_excuse(node: Value) -> Value {
    let key = node["key"].as_str().expect("a node has a key").to_owned();
    let message = json!({"message": format!("{{{{ steps.{key}.output.error }}}}")});
    let nodes = [
        self::node("start", "manual", json!({})),
        node,
        self::node("excuse", "debug", message),
    ];
    graph(
        nodes,
        &[
            &format!("start -> {key}"),
            &format!("{key}.error -> excuse"),
        ],
    )
}

fn parse_edge(edge: &str) -> Value {
    let (from, to) = edge
        .split_once(" -> ")
        .expect("an edge is written `from -> to`");
    match from.split_once('.') {
        Some((from, port)) => json!({"from": from, "fromPort": port, "to": to}),
        None => json!({"from": from, "to": to}),
    }
}
