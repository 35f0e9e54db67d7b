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
                "for-each" => json!({"items": []}),
                "delay" => json!({"duration": "PT1H"}),
                "any" => json!({"mode": "any"}),
                "two" => json!({"mode": "n", "n": 2}),
                _ => json!({}),
            };
            let kind = match kind {
                "any" | "two" => "merge",
                kind => kind,
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
    let of_node = |node: NodeIndex| definition.node(node).key.as_str();
    let key = |place: &Place| match place.path.items() {
        [] => of_node(place.node).to_owned(),
        _ => format!("{}[{}]", of_node(place.node), place.path),
    };
    let word = |todo: &Todo| match todo {
        Todo::Execute { place, attempt } => format!("execute {}#{attempt}", key(place)),
        Todo::Wait { place, until } => {
            format!("wait {} {}s", key(place), until.as_micros() / 1_000_000)
        }
        Todo::Skip { place } => format!("skip {}", key(place)),
        Todo::Cancel { place } => format!("cancel {}", key(place)),
        Todo::Begin { place, item } => format!("begin {} {item}", key(place)),
        Todo::ItemOver {
            place,
            item,
            failed_by: None,
        } => format!("done {} {item}", key(place)),
        Todo::ItemOver {
            place,
            item,
            failed_by: Some(node),
        } => format!("{} fails {} {item}", of_node(*node), key(place)),
        Todo::Gather { place } => format!("gather {}", key(place)),
        Todo::Finish(Ending::Succeeded) => "succeeded".to_owned(),
        Todo::Finish(Ending::Failed { node }) => format!("failed by {}", of_node(*node)),
        Todo::Finish(Ending::Cancelled) => "cancelled".to_owned(),
        Todo::Finish(Ending::TimedOut) => "timed out".to_owned(),
    };
    todos.iter().map(word).collect::<Vec<_>>().join(", ")
}
