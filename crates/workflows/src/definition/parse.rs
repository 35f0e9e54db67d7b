//! From a document to a definition.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::{Problem, ProblemCode};
use serde_json::Value;

use super::check::{self, Known, Ports};
use super::fields::{Path, problem, under};
use super::region::Regions;
use super::{
    Definition, Document, Edge, EdgeDocument, EdgeIndex, MAX_EXPRESSIONS, MAX_PROBLEMS, MAX_SIZE,
    Node, NodeDocument, NodeIndex, NodeKey, OnUncertain, RetryDocument, Settings, nearest,
    parse_duration, schema,
};
use crate::expression::{ExpressionError, Template};
use crate::machine::RetryPolicy;
use crate::nodes::wait_for_event::FILTER;
use crate::nodes::{Catalogue, NodeType};

/// The most attempts a retry policy may ask for.
const MAX_ATTEMPTS: u32 = 100;

impl Definition {
    /// Checks a definition. All problems are reported together, each with the path of the field, and nothing comes of a
    /// definition that has any.
    pub fn parse(
        value: &Value,
        catalogue: &Catalogue,
    ) -> Result<(Document, Definition), Vec<Problem>> {
        let mut problems = Vec::new();
        if let Err(message) = check_size(value) {
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
        let by_key = keys(document, &nodes_path, problems);
        let kinds: Vec<_> = document
            .nodes
            .iter()
            .enumerate()
            .map(|(index, node)| kind(node, catalogue, &under(&nodes_path, index), problems))
            .collect();
        let nodes: Vec<_> = document
            .nodes
            .iter()
            .zip(&kinds)
            .enumerate()
            .map(|(index, (node, kind))| {
                read_node(node, kind.as_ref()?, &under(&nodes_path, index), problems)
            })
            .collect();
        let edges = read_edges(
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

fn check_size(value: &Value) -> Result<(), String> {
    let text = serde_json::to_string(value).unwrap_or_default();
    if text.len() > MAX_SIZE {
        return Err(format!(
            "the definition is {} bytes long, but may have at most {MAX_SIZE}",
            text.len()
        ));
    }
    let expressions = text.matches("{{").count();
    if expressions > MAX_EXPRESSIONS {
        return Err(format!(
            "the definition holds {expressions} expressions, but may have at most {MAX_EXPRESSIONS}"
        ));
    }
    Ok(())
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

/// The index of every good key; bad and repeated ones are problems.
fn keys(
    document: &Document,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> HashMap<String, NodeIndex> {
    let mut by_key = HashMap::new();
    for (index, node) in document
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| !node.key.is_empty())
    {
        let field = under(&under(path, index), "key");
        if NodeKey::parse(&node.key).is_none() {
            let message = format!(
                "`{}` cannot be a key: it has to start with a letter or `_`, go on with letters, digits, `_` or `-`, \
                 and be at most 64 characters long",
                node.key.chars().take(80).collect::<String>()
            );
            problems.push(problem(&field, ProblemCode::Invalid, message));
        } else if by_key.contains_key(&node.key) {
            let message = format!(
                "there is another node with the key `{}`; keys have to be different",
                node.key
            );
            problems.push(problem(&field, ProblemCode::Taken, message));
            continue;
        }
        by_key.insert(node.key.clone(), NodeIndex(index as u32));
    }
    by_key
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

fn kind(
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

fn read_node(
    node: &NodeDocument,
    kind: &Arc<NodeType>,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let before = problems.len();
    let (config, filter) = read_config(node, kind, &under(path, "config"), problems);
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
        Some(retry) => read_retry(retry, &under(path, "retry"), problems),
        None => RetryPolicy::once(),
    };
    let timeout = node
        .timeout
        .as_ref()
        .and_then(|text| read_duration(text, &under(path, "timeout"), problems));
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
        retry,
        timeout,
        on_uncertain,
        join: kind.join(&node.config),
        filter,
    })
}

/// The config's expressions: those that are evaluated when the node is executed, and the filter, which is asked per event.
fn read_config(
    node: &NodeDocument,
    kind: &NodeType,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> (Option<Template>, Option<Template>) {
    let config = Value::Object(node.config.clone());
    match kind.validator() {
        Ok(validator) => schema::check(validator, &config, path, problems),
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
    let mut read = |value: &Value, path: &Path| {
        let parsed = Template::parse(value);
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
    let config = read(&Value::Object(now), path);
    let filter = later.and_then(|(filter, path)| read(&filter, &path));
    (config, filter)
}

fn read_retry(retry: &RetryDocument, path: &Path, problems: &mut Vec<Problem>) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    if let Some(attempts) = retry.max_attempts {
        if (1..=MAX_ATTEMPTS).contains(&attempts) {
            policy.max_attempts = attempts;
        } else {
            let message = format!("has to be a whole number from 1 to {MAX_ATTEMPTS}");
            problems.push(problem(
                &under(path, "maxAttempts"),
                ProblemCode::Invalid,
                message,
            ));
        }
    }
    let mut delay = |text: &Option<String>, name: &str| {
        text.as_ref()
            .and_then(|text| read_duration(text, &under(path, name), problems))
    };
    if let Some(initial) = delay(&retry.initial_delay, "initialDelay") {
        policy.initial_delay = initial;
    }
    if let Some(longest) = delay(&retry.max_delay, "maxDelay") {
        policy.max_delay = longest;
    }
    policy.max_delay = policy.max_delay.max(policy.initial_delay);
    match retry
        .backoff
        .as_ref()
        .map(|backoff| (backoff.as_f64(), backoff.as_str().map(str::to_lowercase)))
    {
        None => {}
        Some((Some(factor), _)) if (1.0..=10.0).contains(&factor) => policy.factor = factor,
        Some((_, Some(name))) if name == "exponential" => policy.factor = 2.0,
        Some((_, Some(name))) if name == "fixed" => policy.factor = 1.0,
        Some(_) => {
            let message = "has to be `exponential`, `fixed` or a factor from 1 to 10";
            problems.push(problem(
                &under(path, "backoff"),
                ProblemCode::Invalid,
                message,
            ));
        }
    }
    policy
}

fn read_duration(
    text: &str,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<std::time::Duration> {
    let checked = parse_duration(text).and_then(|duration| match duration.is_zero() {
        true => Err("has to be longer than nothing".to_owned()),
        false => Ok(duration),
    });
    checked
        .map_err(|message| problems.push(problem(path, ProblemCode::Invalid, message)))
        .ok()
}

fn read_edges(
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
