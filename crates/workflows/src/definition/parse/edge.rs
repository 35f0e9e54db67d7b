//! Edges: between which ports of which nodes.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::{Problem, ProblemCode};

use super::meant;
use crate::definition::check::{self, Ports};
use crate::definition::fields::{Path, problem, under};
use crate::definition::{Edge, EdgeDocument, NodeDocument, NodeIndex};
use crate::nodes::NodeType;

pub(super) fn read(
    documents: &[EdgeDocument],
    nodes: &[NodeDocument],
    by_key: &HashMap<String, NodeIndex>,
    kinds: &[Option<Arc<NodeType>>],
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::with_capacity(documents.len());
    for (index, document) in documents.iter().enumerate() {
        let path = under(path, index);
        let from = end(&document.from, by_key, &under(&path, "from"), problems);
        let to = end(&document.to, by_key, &under(&path, "to"), problems);
        let (Some(from), Some(to)) = (from, to) else {
            continue;
        };
        let mut port = |node: NodeIndex, name: &str, ports: Ports| match &kinds[node.index()] {
            Some(kind) => check::port(
                kind,
                &nodes[node.index()].config,
                name,
                ports,
                &path,
                problems,
            ),
            None => true,
        };
        let good = port(from, &document.from_port, Ports::Outputs)
            & port(to, &document.to_port, Ports::Inputs);
        let edge = Edge {
            from,
            from_port: document.from_port.as_str().into(),
            to,
            to_port: document.to_port.as_str().into(),
        };
        if edges.contains(&edge) {
            problems.push(problem(
                &path,
                ProblemCode::Taken,
                "the same edge is there twice",
            ));
        } else if good {
            edges.push(edge);
        }
    }
    edges
}

fn end(
    key: &str,
    by_key: &HashMap<String, NodeIndex>,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<NodeIndex> {
    if key.is_empty() {
        return None;
    }
    let found = by_key.get(key).copied();
    if found.is_none() {
        let hint = match meant(key, by_key.keys().map(String::as_str), problems) {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None => String::new(),
        };
        let shown: String = key.chars().take(80).collect();
        let message = format!("there is no node with the key `{shown}`{hint}");
        problems.push(problem(path, ProblemCode::NotFound, message));
    }
    found
}
