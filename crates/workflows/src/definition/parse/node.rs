//! Nodes: their types, configs and policies.

use std::sync::Arc;

use jackfield_storage::{Problem, ProblemCode};
use serde_json::Value;

use super::{interval, meant, message, retry};
use crate::definition::fields::{Path, problem, under};
use crate::definition::{MAX_CONFIG, Node, NodeDocument, NodeKey, OnUncertain, schema};
use crate::expression::{ExpressionError, InScope, Template};
use crate::machine::RetryPolicy;
use crate::nodes::wait_for_event::FILTER;
use crate::nodes::{Catalogue, NodeType};

/// The type of a node, if there is such a type.
pub(super) fn kind(
    node: &NodeDocument,
    catalogue: &Catalogue,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Arc<NodeType>> {
    if node.kind.is_empty() {
        return None;
    }
    let found = catalogue.get(&node.kind);
    if found.is_none() {
        let hint = match meant(&node.kind, catalogue.names(), problems) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "see nodeTypes for those there are".to_owned(),
        };
        let shown: String = node.kind.chars().take(80).collect();
        let message = format!("there is no node type `{shown}`; {hint}");
        problems.push(problem(
            &under(path, "type"),
            ProblemCode::UnknownNodeType,
            message,
        ));
    }
    found
}

/// A node whose type is known, if it is good.
pub(super) fn read(
    node: &NodeDocument,
    kind: &Arc<NodeType>,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let before = problems.len();
    let config_path = under(path, "config");
    let (config, filter) = config(node, kind, &config_path, problems);
    let message_templates = message::named(&node.config, &kind.hints, &config_path, problems);
    let connected_app = node.connected_app_id.as_ref().and_then(|id| {
        id.parse()
            .map_err(|error| {
                problems.push(problem(
                    &under(path, "connectedAppId"),
                    ProblemCode::Invalid,
                    format!("{error}"),
                ));
            })
            .ok()
    });
    let retry = match &node.retry {
        Some(retry) => retry::read(retry, &under(path, "retry"), problems),
        None => RetryPolicy::once(),
    };
    let timeout = node
        .timeout
        .as_ref()
        .and_then(|text| retry::duration(text, &under(path, "timeout"), problems));
    let interval = interval::read(node, kind, &under(path, "interval"), problems);
    let on_uncertain = match node.on_uncertain.as_deref() {
        None => OnUncertain::Safely,
        Some("RETRY") => OnUncertain::Retry,
        Some("FAIL") => OnUncertain::Fail,
        Some("ASK") => OnUncertain::Ask,
        Some(other) => {
            let message = format!("`{other}` is unknown; there are RETRY, FAIL and ASK");
            problems.push(problem(
                &under(path, "onUncertain"),
                ProblemCode::Invalid,
                message,
            ));
            OnUncertain::default()
        }
    };
    let key = NodeKey::parse(&node.key)?;
    if problems.len() > before {
        return None;
    }
    Some(Node {
        key,
        kind: kind.clone(),
        config: config?,
        connected_app,
        message_templates,
        retry,
        timeout,
        interval,
        on_uncertain,
        join: kind.join(&node.config),
        filter,
    })
}

/// The config's expressions: those that are evaluated when the node is executed, and the filter, which is asked per event.
fn config(
    node: &NodeDocument,
    kind: &NodeType,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> (Option<Template>, Option<Template>) {
    let before = problems.len();
    let config = Value::Object(node.config.clone());
    match kind.validator() {
        Ok(validator) => {
            let checked = (validator, &*kind.config_schema);
            schema::check(checked, &kind.hints, &config, path, problems);
        }
        Err(fault) => {
            let message = format!(
                "the JSON Schema of node type `{}` is faulty: {fault}",
                kind.name
            );
            problems.push(problem(path, ProblemCode::InvalidConfig, message));
        }
    }
    kind.check_config(&node.config, path, problems);
    let mut now = node.config.clone();
    let later = match kind.has_filter() {
        true => now
            .remove(FILTER)
            .map(|filter| (filter, under(path, FILTER))),
        false => None,
    };
    let mut read = |value: &Value, scope: InScope, path: &Path| {
        let parsed = Template::parse_in(value, scope);
        let told = |error: ExpressionError| {
            let field = path.iter().cloned().chain(error.field.iter().cloned());
            let message = format!("node `{}`: {error}", node.key);
            let field: Path = field.collect();
            problem(&field, ProblemCode::InvalidExpression, message)
        };
        parsed
            .map_err(|errors| problems.extend(errors.into_iter().map(told)))
            .ok()
    };
    let config = read(&Value::Object(now), InScope::Run, path);
    let filter = later.and_then(|(filter, path)| read(&filter, InScope::RunAndEvent, &path));
    // Of what is too large because of one field, the field is told.
    if problems.len() == before {
        let size = serde_json::to_string(&node.config).map_or(0, |text| text.len());
        if size > MAX_CONFIG {
            let message = format!(
                "the config of `{}` is {size} bytes long, but may have at most {MAX_CONFIG}",
                node.key
            );
            problems.push(problem(path, ProblemCode::TooLarge, message));
        }
    }
    (config, filter)
}
