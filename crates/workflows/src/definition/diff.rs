//! What is different between two definitions.

use serde_json::{Map, Value};

use super::{Document, EdgeDocument, NodeDocument};

/// What happened to a node or an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Something about it is different.
    Changed,
}

/// What is different between two definitions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    /// The nodes that are different: first those of the older definition, in its order, then the new ones.
    pub nodes: Vec<NodeChange>,
    /// The edges that are different, in the same order. An edge is never changed: it is another one.
    pub edges: Vec<EdgeChange>,
    /// The settings that are different; their paths start within `settings`.
    pub settings: Vec<ChangedValue>,
}

/// A node that is different. Nodes are told apart by their keys.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeChange {
    /// Its key.
    pub key: String,
    /// What happened to it.
    pub change: Change,
    /// What about it is different, when it was changed.
    pub values: Vec<ChangedValue>,
}

/// A value of a node that is different.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedValue {
    /// The path within the node, list positions as numbers: `["config", "headers", "X-Id"]`.
    pub path: Vec<String>,
    /// What it was; nothing when it was not there.
    pub before: Option<Value>,
    /// What it is; nothing when it is not there.
    pub after: Option<Value>,
}

/// An edge that is different.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeChange {
    /// Whether it is new or gone.
    pub change: Change,
    /// The edge.
    pub edge: EdgeDocument,
}

impl Diff {
    /// What has to happen to `before` to become `after`. The order of nodes and edges means nothing.
    pub fn between(before: &Document, after: &Document) -> Diff {
        Diff {
            nodes: nodes(&before.nodes, &after.nodes),
            edges: edges(&before.edges, &after.edges),
            settings: settings(before, after),
        }
    }

    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.edges.is_empty() && self.settings.is_empty()
    }
}

fn nodes(before: &[NodeDocument], after: &[NodeDocument]) -> Vec<NodeChange> {
    let named = |nodes: &[NodeDocument], key: &str| nodes.iter().position(|node| node.key == key);
    let mut changes = Vec::new();
    for old in before {
        match named(after, &old.key).map(|index| &after[index]) {
            None => changes.push(whole(&old.key, Change::Removed)),
            Some(new) if new == old => {}
            Some(new) => {
                let mut values = Vec::new();
                compare(
                    Some(&value(old)),
                    Some(&value(new)),
                    &mut Vec::new(),
                    &mut values,
                );
                if !values.is_empty() {
                    changes.push(NodeChange {
                        values,
                        ..whole(&old.key, Change::Changed)
                    });
                }
            }
        }
    }
    let added = after.iter().filter(|new| named(before, &new.key).is_none());
    changes.extend(added.map(|new| whole(&new.key, Change::Added)));
    changes
}

fn whole(key: &str, change: Change) -> NodeChange {
    NodeChange {
        key: key.to_owned(),
        change,
        values: Vec::new(),
    }
}

fn edges(before: &[EdgeDocument], after: &[EdgeDocument]) -> Vec<EdgeChange> {
    let missing = |edges: &[EdgeDocument], others: &[EdgeDocument], change| {
        let gone = edges.iter().filter(|edge| !others.contains(edge));
        gone.cloned()
            .map(|edge| EdgeChange { change, edge })
            .collect::<Vec<_>>()
    };
    let mut changes = missing(before, after, Change::Removed);
    changes.extend(missing(after, before, Change::Added));
    changes
}

fn settings(before: &Document, after: &Document) -> Vec<ChangedValue> {
    let value = |document: &Document| {
        let settings = document.settings.clone().unwrap_or_default();
        serde_json::to_value(settings).unwrap_or_default()
    };
    let mut values = Vec::new();
    compare(
        Some(&value(before)),
        Some(&value(after)),
        &mut Vec::new(),
        &mut values,
    );
    values
}

fn value(node: &NodeDocument) -> Value {
    serde_json::to_value(node).unwrap_or_default()
}

fn compare(
    before: Option<&Value>,
    after: Option<&Value>,
    path: &mut Vec<String>,
    values: &mut Vec<ChangedValue>,
) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for name in names(before, after) {
                path.push(name.clone());
                compare(before.get(name), after.get(name), path, values);
                path.pop();
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                path.push(index.to_string());
                compare(before.get(index), after.get(index), path, values);
                path.pop();
            }
        }
        (before, after) => values.push(ChangedValue {
            path: path.clone(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

fn names<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a String> {
    let added = after.keys().filter(|name| !before.contains_key(*name));
    before.keys().chain(added)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(value: Value) -> Document {
        let mut problems = Vec::new();
        let document = Document::read(&value, &mut problems).unwrap();
        assert_eq!(problems, []);
        document
    }

    #[test]
    fn nodes_are_told_apart_by_key_and_compared_to_the_leaf() {
        let before = document(json!({
            "nodes": [
                {"key": "start", "type": "manual", "position": {"x": 0, "y": 0}},
                {"key": "call", "type": "api-endpoint", "config": {"url": "https://a", "headers": {"A": "1", "B": "2"}, "query": [1, 2]}},
                {"key": "old", "type": "debug"},
            ],
            "edges": [{"from": "start", "to": "call"}, {"from": "call", "to": "old"}],
        }));
        let after = document(json!({
            "nodes": [
                {"key": "new", "type": "debug"},
                {"key": "call", "type": "api-endpoint", "timeout": "PT5S", "config": {"url": "https://b", "headers": {"B": "2", "C": 3}, "query": [1]}},
                {"key": "start", "type": "manual", "position": {"x": 0, "y": 0}},
            ],
            "edges": [{"from": "call", "to": "new"}, {"from": "start", "to": "call"}],
        }));
        let diff = Diff::between(&before, &after);
        let lines: Vec<_> = diff
            .nodes
            .iter()
            .map(|node| format!("{:?} {}", node.change, node.key))
            .chain(
                diff.nodes
                    .iter()
                    .flat_map(|node| &node.values)
                    .map(|value| {
                        let shown = |value: &Option<Value>| {
                            value.as_ref().map_or("-".to_owned(), Value::to_string)
                        };
                        format!(
                            "{}: {} → {}",
                            value.path.join("."),
                            shown(&value.before),
                            shown(&value.after)
                        )
                    }),
            )
            .chain(
                diff.edges
                    .iter()
                    .map(|edge| format!("{:?} {} → {}", edge.change, edge.edge.from, edge.edge.to)),
            )
            .collect();
        insta::assert_debug_snapshot!(lines, @r#"
        [
            "Changed call",
            "Removed old",
            "Added new",
            "config.url: \"https://a\" → \"https://b\"",
            "config.headers.A: \"1\" → -",
            "config.headers.C: - → 3",
            "config.query.1: 2 → -",
            "timeout: - → \"PT5S\"",
            "Removed call → old",
            "Added call → new",
        ]
        "#);
        assert!(Diff::between(&after, &after).is_empty());
    }
}
