use async_graphql::{ID, InputObject};
use jackfield_storage::run::{self, Priority};
use serde_json::{Map, Value, json};

use super::definition::OnUncertain;
use crate::run::{OnFull, RunPriority};
use crate::scalars::{Duration, JsonScalar};

/// A graph of nodes, as it is to be saved.
#[derive(InputObject)]
pub struct WorkflowDefinitionInput {
    /// The nodes.
    nodes: Vec<DefinitionNodeInput>,
    /// The edges between them.
    #[graphql(default)]
    edges: Vec<DefinitionEdgeInput>,
    /// What holds for the whole workflow.
    settings: Option<DefinitionSettingsInput>,
}

/// What holds for a whole workflow.
#[derive(InputObject)]
struct DefinitionSettingsInput {
    /// How long a run may take, waits included; after that it fails with TIMEOUT.
    timeout: Option<Duration>,
    /// The id of the workflow that is started, at its `manual` trigger, when a run fails.
    error_workflow_id: Option<ID>,
    /// How many runs may be under way at the same time; as many as the server allows when absent.
    concurrency: Option<ConcurrencyInput>,
    /// Which of several runs that are due begins first. A run may be started with another one.
    priority: Option<RunPriority>,
}

/// How many runs of a workflow may be under way at the same time.
#[derive(InputObject)]
struct ConcurrencyInput {
    /// At most so many, from 1 to 10,000. A run counts from its beginning to its end, also while it waits.
    limit: i32,
    /// An expression over `trigger`, such as `{{ trigger.body.customer }}`: the limit holds for each of its values by
    /// itself. Without one it holds for all runs of the workflow together.
    key: Option<String>,
    /// What becomes of a run for which there is no room; it stays queued by default.
    on_full: Option<OnFull>,
}

/// One node of a workflow.
#[derive(InputObject)]
struct DefinitionNodeInput {
    /// Its name within the definition, for edges and expressions: a letter or `_`, then letters, digits, `_` and `-`, at most 64.
    key: String,
    /// Its node type, such as `api-endpoint`.
    #[graphql(name = "type")]
    kind: String,
    /// What people call it.
    name: Option<String>,
    /// Its config, which has to fit the JSON Schema of its node type. Strings may hold expressions between `{{` and `}}`.
    config: Option<JsonScalar>,
    /// The id of the connected app that it uses.
    connected_app_id: Option<ID>,
    /// How often and when a failed attempt is repeated.
    retry: Option<RetryPolicyInput>,
    /// How long an attempt may take.
    timeout: Option<Duration>,
    /// How often a trigger that asks a service is asked for news; as often as its plugin says when absent.
    interval: Option<Duration>,
    /// What to do with an attempt of which it is not known whether it took effect.
    on_uncertain: Option<OnUncertain>,
    /// Where an editor shows it.
    position: Option<PositionInput>,
}

/// How often and when a failed attempt is repeated.
#[derive(InputObject)]
struct RetryPolicyInput {
    /// How often it is tried in all.
    max_attempts: Option<i32>,
    /// The pause after the first attempt.
    initial_delay: Option<Duration>,
    /// The longest pause.
    max_delay: Option<Duration>,
    /// How the pause grows: `"exponential"` (it doubles), `"fixed"`, or a number to multiply it by.
    backoff: Option<JsonScalar>,
}

/// A point on an editor's canvas.
#[derive(InputObject)]
struct PositionInput {
    /// To the right.
    x: f64,
    /// Downwards.
    y: f64,
}

/// A way from one node to another.
#[derive(InputObject)]
struct DefinitionEdgeInput {
    /// The key of the node that it leaves.
    from: String,
    /// The output port that it leaves by.
    #[graphql(default = "data-out")]
    from_port: String,
    /// The key of the node that it enters.
    to: String,
    /// The input port that it enters by.
    #[graphql(default = "data-in")]
    to_port: String,
}

impl From<WorkflowDefinitionInput> for Value {
    fn from(definition: WorkflowDefinitionInput) -> Self {
        let nodes: Vec<Value> = definition.nodes.into_iter().map(Value::from).collect();
        let edge = |edge: DefinitionEdgeInput| json!({ "from": edge.from, "fromPort": edge.from_port, "to": edge.to, "toPort": edge.to_port });
        let edges: Vec<Value> = definition.edges.into_iter().map(edge).collect();
        let settings = definition.settings.map(|settings| {
            members([
                ("timeout", settings.timeout.map(text)),
                (
                    "errorWorkflowId",
                    settings.error_workflow_id.map(|id| id.0.into()),
                ),
                ("concurrency", settings.concurrency.map(Value::from)),
                (
                    "priority",
                    settings
                        .priority
                        .map(|priority| Priority::from(priority).as_str().into()),
                ),
            ])
        });
        members([
            ("nodes", Some(nodes.into())),
            ("edges", Some(edges.into())),
            ("settings", settings),
        ])
    }
}

impl From<DefinitionNodeInput> for Value {
    fn from(node: DefinitionNodeInput) -> Self {
        members([
            ("key", Some(node.key.into())),
            ("type", Some(node.kind.into())),
            ("name", node.name.map(Value::from)),
            ("config", node.config.map(|config| config.0.value())),
            (
                "connectedAppId",
                node.connected_app_id.map(|id| id.0.into()),
            ),
            ("retry", node.retry.map(Value::from)),
            ("timeout", node.timeout.map(text)),
            ("interval", node.interval.map(text)),
            (
                "onUncertain",
                node.on_uncertain.map(|policy| policy.as_str().into()),
            ),
            (
                "position",
                node.position
                    .map(|position| json!({ "x": position.x, "y": position.y })),
            ),
        ])
    }
}

impl From<ConcurrencyInput> for Value {
    fn from(concurrency: ConcurrencyInput) -> Self {
        let on_full = concurrency.on_full.map(run::OnFull::from);
        members([
            ("limit", Some(concurrency.limit.into())),
            ("key", concurrency.key.map(Value::from)),
            ("onFull", on_full.map(|on_full| on_full.as_str().into())),
        ])
    }
}

impl From<RetryPolicyInput> for Value {
    fn from(retry: RetryPolicyInput) -> Self {
        members([
            ("maxAttempts", retry.max_attempts.map(Value::from)),
            ("initialDelay", retry.initial_delay.map(text)),
            ("maxDelay", retry.max_delay.map(text)),
            ("backoff", retry.backoff.map(|backoff| backoff.0.value())),
        ])
    }
}

fn members<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let given = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

fn text(duration: Duration) -> Value {
    Value::String(duration.0.to_string())
}
