mod examples;
mod random;

use serde_json::{Value, json};

use super::*;
use crate::nodes::Catalogue;

/// Builds a definition of nodes `key:type` and edges `from.port>to`. `call` is a node of a plugin, with effects outside.
fn definition(nodes: &[(&str, Value)], edges: &str) -> Definition {
    let manifest = serde_json::from_value(json!({
        "type": "call", "name": "Call", "category": "integration", "configSchema": {},
        "inputs": [{"name": "data-in"}], "outputs": [{"name": "data-out"}, {"name": "error"}],
    }));
    let nodes: Vec<_> = nodes
        .iter()
        .map(|(name, more)| {
            let (key, kind) = name.split_once(':').unwrap();
            let config = match kind {
                "if" => json!({"condition": true}),
                "set" => json!({"values": {}}),
                _ => json!({}),
            };
            let mut node = json!({"key": key, "type": kind, "config": config});
            node.as_object_mut()
                .unwrap()
                .extend(more.as_object().cloned().unwrap_or_default());
            node
        })
        .collect();
    let edges: Vec<_> = edges
        .split_whitespace()
        .map(|edge| {
            let (from, to) = edge.split_once('>').unwrap();
            let (from, port) = from.split_once('.').unwrap_or((from, "data-out"));
            json!({"from": from, "fromPort": port, "to": to})
        })
        .collect();
    let parsed = Definition::parse(
        &json!({"nodes": nodes, "edges": edges}),
        &Catalogue::new([&manifest.unwrap()]),
    );
    parsed.unwrap_or_else(|problems| panic!("{problems:?}")).1
}

/// Todos in words: `execute a#1, skip b`.
fn words(definition: &Definition, todos: &[Todo]) -> String {
    let key = |node: NodeIndex| definition.node(node).key.as_str();
    let word = |todo: &Todo| match *todo {
        Todo::Execute { node, attempt } => format!("execute {}#{attempt}", key(node)),
        Todo::Wait { node, until } => {
            format!("wait {} {}s", key(node), until.as_micros() / 1_000_000)
        }
        Todo::Skip { node } => format!("skip {}", key(node)),
        Todo::Cancel { node } => format!("cancel {}", key(node)),
        Todo::Finish(Ending::Succeeded) => "succeeded".to_owned(),
        Todo::Finish(Ending::Failed { node }) => format!("failed by {}", key(node)),
    };
    todos.iter().map(word).collect::<Vec<_>>().join(", ")
}
