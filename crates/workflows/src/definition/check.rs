//! The questions that concern several nodes at once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Map, Value};

use super::fields::{Path, problem, under};
use super::graph::{cycle, reachable, reversed};
use super::parse::meant;
use super::{Document, Edge, MAX_PROBLEMS, Node, NodeIndex};
use crate::expression::Template;
use crate::nodes::NodeType;
use crate::nodes::wait_for_event::FILTER;

/// Which side of a node.
#[derive(Clone, Copy)]
pub(super) enum Ports {
    Inputs,
    Outputs,
}

/// Whether the node type has that port; if not, the problem lists those it has.
pub(super) fn port(
    kind: &NodeType,
    config: &Map<String, Value>,
    name: &str,
    side: Ports,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> bool {
    let (ports, word, field) = match side {
        Ports::Inputs => (Cow::Borrowed(&kind.inputs[..]), "input", "toPort"),
        Ports::Outputs => (kind.outputs_with(config), "output", "fromPort"),
    };
    if ports.iter().any(|port| port.name == name) {
        return true;
    }
    let names: Vec<_> = ports
        .iter()
        .map(|port| format!("`{}`", port.name))
        .collect();
    let message = match names.is_empty() {
        true if kind.is_trigger() => {
            format!("`{}` is a trigger and has no {word} ports", kind.name)
        }
        true => format!("`{}` has no {word} ports", kind.name),
        false => format!(
            "`{}` has no {word} port `{name}`; it has {}",
            kind.name,
            names.join(", ")
        ),
    };
    problems.push(problem(
        &under(path, field),
        ProblemCode::UnknownPort,
        message,
    ));
    false
}

/// Triggers, circles and islands. Islands are only looked for when every edge could be read (`complete`).
pub(super) fn graph(
    document: &Document,
    kinds: &[Option<Arc<NodeType>>],
    edges: &[Edge],
    complete: bool,
    nodes_path: &Path,
    problems: &mut Vec<Problem>,
) {
    let next = successors(kinds.len(), edges);
    if let Some(circle) = cycle(&next) {
        let keys: Vec<_> = circle
            .iter()
            .chain(circle.first())
            .map(|node| &*document.nodes[*node].key)
            .collect();
        let message = format!(
            "the nodes {} form a circle; remove one of the edges between them",
            keys.join(" → ")
        );
        problems.push(problem(
            &["definition".to_owned(), "edges".to_owned()],
            ProblemCode::Cycle,
            message,
        ));
    }
    if kinds.iter().any(Option::is_none) {
        return;
    }
    let triggers: Vec<_> = (0..kinds.len())
        .filter(|node| kinds[*node].as_ref().is_some_and(|kind| kind.is_trigger()))
        .collect();
    if triggers.is_empty() {
        let message = "there is no trigger; add a node of type `webhook` or `manual`, so that something can start a run";
        problems.push(problem(nodes_path, ProblemCode::Required, message));
        return;
    }
    let reached = reachable(&next, triggers);
    for node in (0..kinds.len()).filter(|node| complete && !reached[*node]) {
        let message = format!(
            "nothing leads to `{}`; add an edge to it or remove it",
            document.nodes[node].key
        );
        problems.push(problem(
            &under(nodes_path, node),
            ProblemCode::Invalid,
            message,
        ));
    }
}

/// What is known about a definition when its expressions are looked at.
pub(super) struct Known<'a> {
    pub by_key: &'a HashMap<String, NodeIndex>,
    pub edges: &'a [Edge],
    /// Whether every edge could be read.
    pub complete: bool,
}

/// Every step that the expressions of the node at `index` read has to exist and to come before it.
pub(super) fn references(
    index: usize,
    node: &Node,
    known: &Known<'_>,
    path: &Path,
    problems: &mut Vec<Problem>,
) {
    let Known {
        by_key,
        edges,
        complete,
    } = *known;
    let mut found = node.config.references();
    for mut fault in node.filter.iter().flat_map(Template::references) {
        fault.field.insert(0, FILTER.to_owned());
        found.push(fault);
    }
    if found.is_empty() {
        return;
    }
    let upstream = reachable(
        &reversed(&successors(by_key.len().max(index + 1), edges)),
        [index],
    );
    for fault in found {
        let key = &fault.reference.key;
        let message = match by_key.get(key) {
            Some(step) if step.index() == index => format!("`{key}` cannot read its own output"),
            Some(step) if complete && !upstream.get(step.index()).copied().unwrap_or(false) => {
                format!(
                    "`steps.{key}` does not come before `{}`; join them by edges, or read a step that does",
                    node.key
                )
            }
            Some(_) => continue,
            None => format!("there is no step `{key}`{}", hint(key, by_key, problems)),
        };
        let field: Path = path
            .iter()
            .cloned()
            .chain(["config".to_owned()])
            .chain(fault.field)
            .collect();
        let message = format!(
            "node `{}`: {message}, at character {}",
            node.key, fault.position
        );
        problems.push(problem(&field, ProblemCode::InvalidExpression, message));
    }
}

/// `steps.call-api` parses as a subtraction, which is the likeliest way to name a step that is not there.
fn hint(key: &str, by_key: &HashMap<String, NodeIndex>, problems: &[Problem]) -> String {
    if problems.len() >= MAX_PROBLEMS {
        return String::new();
    }
    if let Some(dashed) = by_key
        .keys()
        .find(|other| other.starts_with(&format!("{key}-")))
    {
        return format!("; a key with a dash is written steps[\"{dashed}\"]");
    }
    match meant(key, by_key.keys().map(String::as_str), problems) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => String::new(),
    }
}

fn successors(nodes: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let most = edges
        .iter()
        .flat_map(|edge| [edge.from.index(), edge.to.index()])
        .max()
        .map_or(0, |most| most + 1);
    let mut next = vec![Vec::new(); nodes.max(most)];
    for edge in edges {
        next[edge.from.index()].push(edge.to.index());
    }
    next
}
