//! What is wrong with versions that were right when they were saved.

use std::sync::Arc;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::workflow_version::WorkflowVersion;
use jackfield_storage::{Problem, ProblemCode};

use super::export::document;
use super::{WorkflowError, Workflows, apps};
use crate::definition::{Definition, Document, NodeDocument};

/// Something that is wrong with a version now, though it was right when it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionProblem {
    /// What, with a path that starts at `definition`.
    pub problem: Problem,
    /// The key of the node that it is about, if it is about one.
    pub node_key: Option<String>,
    /// What to do about it.
    pub remedy: String,
}

impl Workflows {
    /// What is wrong with a version now: plugins and connected apps may have gone since it was saved. Nothing is when the
    /// list is empty.
    pub async fn problems(
        &self,
        permit: &Permit<Read>,
        version: &WorkflowVersion,
    ) -> Result<Vec<VersionProblem>, WorkflowError> {
        let document = document(version)?;
        let parsed = match self.known_definition(version.id) {
            Some(known) => Ok(known),
            None => Definition::parse(&version.definition.value(), &self.0.catalogue.get())
                .map(|(_, definition)| Arc::new(definition)),
        };
        let mut problems = Vec::new();
        match parsed {
            Ok(definition) => {
                apps::check(self.0.store.reader(), permit, &definition, &mut problems).await?;
            }
            Err(found) => problems = found,
        }
        let problems = problems.into_iter();
        Ok(problems
            .map(|problem| VersionProblem::of(&document, problem))
            .collect())
    }
}

impl VersionProblem {
    /// A problem with what `document` says.
    pub(crate) fn of(document: &Document, problem: Problem) -> VersionProblem {
        let node = node(document, &problem);
        VersionProblem {
            remedy: remedy(&problem, node),
            node_key: node.map(|node| node.key.clone()),
            problem: since(problem, node),
        }
    }
}

/// The node that a path leads into.
fn node<'d>(document: &'d Document, problem: &Problem) -> Option<&'d NodeDocument> {
    let [root, list, index, ..] = &problem.field[..] else {
        return None;
    };
    let index: usize = index.parse().ok()?;
    let nodes = (root == "definition" && list == "nodes").then_some(&document.nodes)?;
    nodes.get(index)
}

/// A node type was known when the version was saved; if it is not now, its plugin is gone.
fn since(problem: Problem, node: Option<&NodeDocument>) -> Problem {
    match node {
        Some(node) if problem.code == ProblemCode::UnknownNodeType => Problem {
            code: ProblemCode::PluginMissing,
            message: format!(
                "the plugin that brought the node type `{}` is not loaded any more",
                node.kind
            ),
            ..problem
        },
        _ => problem,
    }
}

/// What helps.
fn remedy(problem: &Problem, node: Option<&NodeDocument>) -> String {
    match (problem.code, node) {
        (ProblemCode::UnknownNodeType, Some(node)) => format!(
            "load a plugin with `{}` again (`plugins` lists those that are loaded), or publish a version without the node `{}`",
            node.kind, node.key
        ),
        (_, Some(node))
            if problem
                .field
                .last()
                .is_some_and(|last| last == "connectedAppId") =>
        {
            format!(
                "give the node `{}` a connected app that there is, and publish the workflow again",
                node.key
            )
        }
        (_, Some(node)) => format!(
            "save the node `{}` as its type wants it now, and publish the workflow again",
            node.key
        ),
        (_, None) => "save the workflow as it is allowed now, and publish it again".to_owned(),
    }
}
