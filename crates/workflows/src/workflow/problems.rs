//! What is wrong with versions that were right when they were saved.

use std::sync::Arc;

use jackfield_storage::connected_app::ConnectedApp;
use jackfield_storage::ids::{ConnectedAppId, MessageTemplateId};
use jackfield_storage::message_template::MessageTemplate;
use jackfield_storage::workflow_version::WorkflowVersion;
use jackfield_storage::{Problem, ProblemCode};

use super::export::document;
use super::{WorkflowError, Workflows, apps, templates};
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

/// A version that is held against what there is now.
pub struct Examined {
    document: Document,
    parsed: Result<Arc<Definition>, Vec<Problem>>,
}

impl Workflows {
    /// Reads a version to see what is wrong with it now: plugins, connected apps and message templates may have gone since it was saved.
    pub fn examine(&self, version: &WorkflowVersion) -> Result<Examined, WorkflowError> {
        let document = document(version)?;
        let parsed = match self.known_definition(version.id) {
            Some(known) => Ok(known),
            None => Definition::parse(&version.definition.value(), &self.0.catalogue.get())
                .map(|(_, definition)| Arc::new(definition)),
        };
        Ok(Examined { document, parsed })
    }
}

impl Examined {
    /// The connected apps that it uses.
    pub fn apps(&self) -> Vec<ConnectedAppId> {
        let definition = self.parsed.as_ref().ok();
        definition.map_or_else(Vec::new, |definition| apps::named(definition))
    }

    /// The providers whose default apps it uses.
    pub fn by_default(&self) -> Vec<String> {
        let definition = self.parsed.as_ref().ok();
        definition.map_or_else(Vec::new, |definition| apps::by_default(definition))
    }

    /// The message templates that it names.
    pub fn message_templates(&self) -> Vec<MessageTemplateId> {
        let definition = self.parsed.as_ref().ok();
        definition.map_or_else(Vec::new, |definition| templates::named(definition))
    }

    /// What is wrong with it when these of its [`apps`](Self::apps), [defaults](Self::by_default) and
    /// [`message_templates`](Self::message_templates) are there. Nothing is when the list is empty.
    pub fn problems(
        self,
        apps: &[ConnectedApp],
        templates: &[MessageTemplate],
    ) -> Vec<VersionProblem> {
        let mut problems = Vec::new();
        match self.parsed {
            Ok(definition) => {
                apps::check_against(apps, &definition, &mut problems);
                templates::check_against(templates, &definition, &mut problems);
            }
            Err(found) => problems = found,
        }
        let problems = problems.into_iter();
        problems
            .map(|problem| VersionProblem::of(&self.document, problem))
            .collect()
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
        (ProblemCode::NotFound, Some(node)) => format!(
            "give the node `{}` a message template that there is, and publish the workflow again",
            node.key
        ),
        (_, Some(node)) => format!(
            "save the node `{}` as its type wants it now, and publish the workflow again",
            node.key
        ),
        (_, None) => "save the workflow as it is allowed now, and publish it again".to_owned(),
    }
}
