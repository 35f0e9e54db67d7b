//! From a document to a definition.

mod edge;
mod interval;
mod key;
mod message;
mod node;
mod retry;
mod size;

use jackfield_storage::{Problem, ProblemCode};
use serde_json::Value;

use super::check::{self, Known};
use super::fields::{problem, under};
use super::region::Regions;
use super::{
    Definition, Document, Edge, EdgeIndex, MAX_PROBLEMS, Node, NodeIndex, Settings, nearest,
};
use crate::nodes::Catalogue;

impl Definition {
    /// Checks a definition. All problems are reported together, each with the path of the field, and nothing comes of a
    /// definition that has any.
    pub fn parse(
        value: &Value,
        catalogue: &Catalogue,
    ) -> Result<(Document, Definition), Vec<Problem>> {
        let mut problems = Vec::new();
        if let Err(message) = size::check(value) {
            let path = ["definition".to_owned()];
            return Err(vec![problem(&path, ProblemCode::TooLarge, message)]);
        }
        let Some(document) = Document::read(value, &mut problems) else {
            return Err(first(problems));
        };
        match Definition::check(&document, catalogue, &mut problems) {
            Some(definition) if problems.is_empty() => Ok((document, definition)),
            _ => Err(first(problems)),
        }
    }

    fn check(
        document: &Document,
        catalogue: &Catalogue,
        problems: &mut Vec<Problem>,
    ) -> Option<Definition> {
        let root = vec!["definition".to_owned()];
        let nodes_path = under(&root, "nodes");
        let by_key = key::index(document, &nodes_path, problems);
        let kinds: Vec<_> = document
            .nodes
            .iter()
            .enumerate()
            .map(|(index, node)| node::kind(node, catalogue, &under(&nodes_path, index), problems))
            .collect();
        let nodes: Vec<_> = document
            .nodes
            .iter()
            .zip(&kinds)
            .enumerate()
            .map(|(index, (node, kind))| {
                node::read(node, kind.as_ref()?, &under(&nodes_path, index), problems)
            })
            .collect();
        let edges = edge::read(
            &document.edges,
            &document.nodes,
            &by_key,
            &kinds,
            &under(&root, "edges"),
            problems,
        );
        let complete = edges.len() == document.edges.len();
        check::graph(document, &kinds, &edges, complete, &nodes_path, problems);
        let loops: Vec<_> = kinds
            .iter()
            .map(|kind| kind.as_ref().is_some_and(|kind| kind.is_loop()))
            .collect();
        let regions = Regions::find(&loops, &edges, |fault| {
            let (field, message) = fault.told(document, &nodes_path);
            problems.push(problem(&field, ProblemCode::Invalid, message));
        });
        let settings = document
            .settings
            .as_ref()
            .map_or_else(Settings::default, |settings| {
                settings.check(&under(&root, "settings"), problems)
            });
        let known = Known {
            by_key: &by_key,
            edges: &edges,
            complete,
        };
        for (index, node) in nodes.iter().enumerate() {
            if let Some(node) = node {
                check::references(index, node, &known, &under(&nodes_path, index), problems);
            }
        }
        Some(assemble(
            nodes.into_iter().collect::<Option<_>>()?,
            edges,
            regions,
            settings,
        ))
    }
}

/// The first problems, as many as somebody can make use of.
fn first(mut problems: Vec<Problem>) -> Vec<Problem> {
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    problems.truncate(MAX_PROBLEMS);
    if more > 0 {
        let message =
            format!("there are {more} more problems; they are told when these are solved");
        problems.push(problem(
            &["definition".to_owned()],
            ProblemCode::Invalid,
            message,
        ));
    }
    problems
}

fn assemble(
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    regions: Regions,
    settings: Settings,
) -> Definition {
    let mut incoming = vec![Vec::new(); nodes.len()];
    let mut outgoing = vec![Vec::new(); nodes.len()];
    for (index, edge) in edges.iter().enumerate() {
        outgoing[edge.from.index()].push(EdgeIndex(index as u32));
        incoming[edge.to.index()].push(EdgeIndex(index as u32));
    }
    let by_key = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| (node.key.clone(), NodeIndex(index as u32)))
        .collect();
    Definition {
        nodes,
        edges,
        by_key,
        incoming,
        outgoing,
        regions,
        settings,
    }
}

/// What was probably meant. Looking for it takes its time, so it is not done for problems that nobody will see.
pub(super) fn meant<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
    problems: &[Problem],
) -> Option<&'a str> {
    let shown = problems.len() < MAX_PROBLEMS && wanted.len() <= 128;
    shown.then(|| nearest(wanted, names)).flatten()
}
