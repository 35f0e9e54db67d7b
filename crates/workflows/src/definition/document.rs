//! A definition as it is written: what clients send, what is stored, what they read back.

use std::collections::BTreeSet;

use jackfield_storage::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fields::{Fields, Path, problem, under};
use super::{DATA_IN, DATA_OUT, MAX_EDGES, MAX_NODES, SettingsDocument};

/// A definition whose form is right, and nothing more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The nodes.
    pub nodes: Vec<NodeDocument>,
    /// The edges between them.
    pub edges: Vec<EdgeDocument>,
    /// What holds for the whole workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsDocument>,
}

/// A node as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeDocument {
    /// Its name within the definition.
    pub key: String,
    /// The name of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its config, which has to fit the JSON Schema of its type.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// The id of the connected app that it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_app_id: Option<String>,
    /// How often and when a failed attempt is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryDocument>,
    /// How long an attempt may take, as an ISO 8601 duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// How often a trigger is asked for news, as an ISO 8601 duration; as often as its plugin says when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// `RETRY`, `FAIL` or `ASK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_uncertain: Option<String>,
    /// Where an editor shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// The retry policy as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryDocument {
    /// How often it is tried in all; 3 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// The pause after the first attempt; `PT1S` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_delay: Option<String>,
    /// The longest pause; `PT5M` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_delay: Option<String>,
    /// `exponential` (doubles, the default), `fixed`, or the factor by which the pause grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff: Option<Value>,
}

/// A point on an editor's canvas.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// An edge as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EdgeDocument {
    /// The key of the node it leaves.
    pub from: String,
    /// The output port it leaves by.
    #[serde(default = "data_out")]
    pub from_port: String,
    /// The key of the node it enters.
    pub to: String,
    /// The input port it enters by.
    #[serde(default = "data_in")]
    pub to_port: String,
}

fn data_out() -> String {
    DATA_OUT.to_owned()
}

fn data_in() -> String {
    DATA_IN.to_owned()
}

impl Document {
    /// Reads a definition; everything that is wrong with its form goes to `problems`.
    ///
    /// A faulty node or edge keeps its place with what could be read of it, so that the paths of later problems still
    /// count from the start of the list.
    pub fn read(value: &Value, problems: &mut Vec<Problem>) -> Option<Document> {
        let path = vec!["definition".to_owned()];
        let fields = Fields::of(value, path, &["nodes", "edges", "settings"], problems)?;
        let nodes = fields.list("nodes", problems);
        let edges = fields.list("edges", problems);
        for (name, count, most) in [
            ("nodes", nodes.len(), MAX_NODES),
            ("edges", edges.len(), MAX_EDGES),
        ] {
            if count > most {
                let message =
                    format!("there are {count} {name}, but a definition may have at most {most}");
                problems.push(problem(&fields.at(name), ProblemCode::TooLarge, message));
                return None;
            }
        }
        let place = |list: &str, index: usize| under(&fields.at(list), index);
        Some(Document {
            nodes: nodes
                .iter()
                .enumerate()
                .map(|(index, node)| read_node(node, place("nodes", index), problems))
                .collect(),
            edges: edges
                .iter()
                .enumerate()
                .map(|(index, edge)| read_edge(edge, place("edges", index), problems))
                .collect(),
            settings: fields.get("settings").and_then(|settings| {
                SettingsDocument::read(settings, fields.at("settings"), problems)
            }),
        })
    }

    /// The key itself, and those of all nodes to which edges lead from it.
    pub fn after(&self, key: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([key.to_owned()]);
        let mut open = vec![key];
        while let Some(next) = open.pop() {
            for edge in self.edges.iter().filter(|edge| edge.from == next) {
                if found.insert(edge.to.clone()) {
                    open.push(&edge.to);
                }
            }
        }
        found
    }

    /// The keys of all nodes from which edges lead to the node with that key.
    pub fn before(&self, key: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![key];
        while let Some(next) = open.pop() {
            for edge in self.edges.iter().filter(|edge| edge.to == next) {
                if found.insert(edge.from.clone()) {
                    open.push(&edge.from);
                }
            }
        }
        found
    }
}

const NODE_FIELDS: [&str; 10] = [
    "key",
    "type",
    "name",
    "config",
    "connectedAppId",
    "retry",
    "timeout",
    "interval",
    "onUncertain",
    "position",
];

fn read_node(value: &Value, path: Path, problems: &mut Vec<Problem>) -> NodeDocument {
    let mut node = NodeDocument {
        key: String::new(),
        kind: String::new(),
        name: None,
        config: Map::new(),
        connected_app_id: None,
        retry: None,
        timeout: None,
        interval: None,
        on_uncertain: None,
        position: None,
    };
    let Some(fields) = Fields::of(value, path, &NODE_FIELDS, problems) else {
        return node;
    };
    node.key = fields.required("key", problems).unwrap_or_default();
    node.kind = fields.required("type", problems).unwrap_or_default();
    node.name = fields.text("name", problems);
    match fields.get("config") {
        None => {}
        Some(Value::Object(config)) => node.config = config.clone(),
        Some(_) => problems.push(problem(
            &fields.at("config"),
            ProblemCode::InvalidConfig,
            "has to be an object",
        )),
    }
    node.connected_app_id = fields.text("connectedAppId", problems);
    node.retry = fields
        .get("retry")
        .and_then(|retry| read_retry(retry, fields.at("retry"), problems));
    node.timeout = fields.text("timeout", problems);
    node.interval = fields.text("interval", problems);
    node.on_uncertain = fields.text("onUncertain", problems);
    node.position = fields
        .get("position")
        .and_then(|position| read_position(position, fields.at("position"), problems));
    node
}

fn read_retry(value: &Value, path: Path, problems: &mut Vec<Problem>) -> Option<RetryDocument> {
    let fields = Fields::of(
        value,
        path,
        &["maxAttempts", "initialDelay", "maxDelay", "backoff"],
        problems,
    )?;
    Some(RetryDocument {
        max_attempts: fields.whole("maxAttempts", problems),
        initial_delay: fields.text("initialDelay", problems),
        max_delay: fields.text("maxDelay", problems),
        backoff: fields.get("backoff").cloned(),
    })
}

fn read_position(value: &Value, path: Path, problems: &mut Vec<Problem>) -> Option<Position> {
    let fields = Fields::of(value, path, &["x", "y"], problems)?;
    Some(Position {
        x: fields.number("x", problems)?,
        y: fields.number("y", problems)?,
    })
}

fn read_edge(value: &Value, path: Path, problems: &mut Vec<Problem>) -> EdgeDocument {
    let mut edge = EdgeDocument {
        from: String::new(),
        from_port: data_out(),
        to: String::new(),
        to_port: data_in(),
    };
    let Some(fields) = Fields::of(value, path, &["from", "fromPort", "to", "toPort"], problems)
    else {
        return edge;
    };
    edge.from = fields.required("from", problems).unwrap_or_default();
    edge.to = fields.required("to", problems).unwrap_or_default();
    if let Some(port) = fields.text("fromPort", problems) {
        edge.from_port = port;
    }
    if let Some(port) = fields.text("toPort", problems) {
        edge.to_port = port;
    }
    edge
}
