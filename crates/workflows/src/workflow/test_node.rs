//! One node, tried out: in the real plugin, with the real connected app, and with nothing saved.

use std::time::Duration;

use jackfield_connected_apps::Account;
use jackfield_plugin_host::messages::{
    Call, CallError, CredentialSlot, NODE_EXECUTE, Outcome, RunInfo,
};
use jackfield_storage::access::{Permit, StartRuns};
use jackfield_storage::credential_use::UsePurpose;
use jackfield_storage::ids::{RunId, WorkflowId};
use jackfield_storage::{Json, Problem, ProblemCode};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::{WorkflowError, Workflows, apps, templates};
use crate::definition::{Definition, Join, Node};
use crate::engine;
use crate::expression::{Sample, to_json};
use crate::nodes::{self, Behaviour};

/// How long a node may take that is tried out, when it does not say so itself.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest that it may.
const MAX_TIMEOUT: Duration = Duration::from_secs(300);

/// A node that is to be tried out.
#[derive(Debug, Clone)]
pub struct TestNode {
    /// The node as a definition writes it: `type`, `config`, `connectedAppId`, `timeout`.
    pub node: Value,
    /// What comes in through its input port.
    pub input: Value,
    /// What its expressions see.
    pub sample: Sample,
}

/// What a node did that was tried out.
#[derive(Debug, Clone, Default)]
pub struct TestedNode {
    /// Its config with all expressions resolved; none when one could not be.
    pub config: Option<Json>,
    /// What it returned.
    pub output: Option<Json>,
    /// The port by which it left.
    pub port: Option<String>,
    /// What went wrong: a code and a message.
    pub error: Option<(String, String)>,
}

impl Workflows {
    /// Executes one node once. What it does outside, it does.
    pub async fn test_node(
        &self,
        permit: &Permit<StartRuns>,
        test: TestNode,
    ) -> Result<TestedNode, WorkflowError> {
        let definition = self.around(permit, &test).await?;
        let node = definition
            .node_named(NODE)
            .map(|index| definition.node(index));
        let Some(node) = node else {
            return Ok(TestedNode::default());
        };
        let (sample, written) = (test.sample.clone(), test.node["config"].clone());
        let evaluated = tokio::task::spawn_blocking(move || evaluate(&sample, &written)).await;
        let config = match evaluated.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(config) => config,
            Err(message) => return Ok(TestedNode::failed("EXPRESSION_FAILED", message)),
        };
        let filled = self.with_messages(permit.workspace(), &node.kind.hints, config, &test.sample);
        let config = match filled.await? {
            Ok(config) => config,
            Err(fault) => return Ok(TestedNode::failed(fault.code, fault.message)),
        };
        let tested = match node.kind.behaviour {
            Behaviour::Logic(logic) => {
                let value = crate::expression::from_json(&config.value());
                let executed = nodes::execute(logic, &value, Join::All, Vec::new())
                    .and_then(|step| Ok((to_json(&step.output)?, step.port.to_string())));
                match executed {
                    Ok((output, port)) => TestedNode {
                        output: Json::check(output).ok(),
                        port: Some(port),
                        ..TestedNode::default()
                    },
                    Err(message) => TestedNode::failed("NODE_FAILED", message),
                }
            }
            Behaviour::Trigger(_) | Behaviour::Wait(_) | Behaviour::Each => {
                let message = format!(
                    "a node of type `{}` does nothing by itself that could be tried out; start a run",
                    node.kind.name
                );
                return Err(rejected(vec![Problem::new(
                    ["node", "type"],
                    ProblemCode::Invalid,
                    message,
                )]));
            }
            Behaviour::Plugin => match self.call_plugin(permit, node, &config, &test.input).await {
                Ok(outcome) => TestedNode {
                    output: Some(Json::from(outcome.output)),
                    port: Some(outcome.port),
                    ..TestedNode::default()
                },
                Err(error) => TestedNode::failed(&error.code, error.message),
            },
        };
        Ok(TestedNode {
            config: Some(config),
            ..tested
        })
    }

    /// The node checked, in a definition in which every step that it may read comes before it.
    async fn around(
        &self,
        permit: &Permit<StartRuns>,
        test: &TestNode,
    ) -> Result<Definition, WorkflowError> {
        let mut node = test.node.clone();
        let Some(members) = node.as_object_mut() else {
            let message = "has to be an object";
            return Err(rejected(vec![Problem::new(
                ["node"],
                ProblemCode::Invalid,
                message,
            )]));
        };
        members.insert("key".to_owned(), NODE.into());
        let mut written = vec![node, json!({"key": START, "type": "manual"})];
        let mut edges = vec![json!({"from": START, "to": NODE})];
        let steps = test.sample.steps.as_object().into_iter().flatten();
        for (key, _) in steps.filter(|(key, _)| *key != NODE && *key != START) {
            written.push(json!({"key": key, "type": "debug", "config": {"message": null}}));
            edges.push(json!({"from": START, "to": key}));
            edges.push(json!({"from": key, "to": NODE}));
        }
        let value = json!({"nodes": written, "edges": edges});
        let parsed = Definition::parse(&value, &self.0.catalogue.get());
        let (_, definition) = parsed.map_err(rejected)?;
        let mut problems = Vec::new();
        let db = self.0.store.reader();
        apps::check(db, &permit.read(), &definition, &mut problems).await?;
        templates::check(db, &permit.read(), &definition, &mut problems).await?;
        match problems.is_empty() {
            true => Ok(definition),
            false => Err(rejected(problems)),
        }
    }

    async fn call_plugin(
        &self,
        permit: &Permit<StartRuns>,
        node: &Node,
        config: &Json,
        input: &Value,
    ) -> Result<Outcome, CallError> {
        let clock = self.0.store.clock();
        let (run, workflow): (RunId, WorkflowId) = (clock.id(), clock.id());
        let account = Account::Own(UsePurpose::NodeTest);
        let services = self
            .0
            .apps
            .services(permit.workspace(), run, node.app(), account)
            .await?;
        let resolved = engine::resolve(&services, node, config).await?;
        let config = resolved
            .as_ref()
            .map_or(config, |resolved| &resolved.config);
        let unreadable = |error: serde_json::Error| CallError::new("INTERNAL", error.to_string());
        let settings = to_raw_value(&services.settings()).map_err(unreadable)?;
        let credentials = services.provider().map(|provider| CredentialSlot {
            slot: CredentialSlot::DEFAULT.into(),
            provider: provider.to_owned().into(),
            settings: Some(&settings),
        });
        let config: &RawValue = serde_json::from_str(config.as_str()).map_err(unreadable)?;
        let input = to_raw_value(input).map_err(unreadable)?;
        let timeout = node.timeout.unwrap_or(TIMEOUT).min(MAX_TIMEOUT);
        let (workflow_id, run_id) = (workflow.to_string(), run.to_string());
        let call = Call {
            op: NODE_EXECUTE.into(),
            node: node.kind.name.as_str().into(),
            provider: None,
            config,
            input: &input,
            credentials: credentials.into_iter().collect(),
            attempt: 1,
            idempotency_key: format!("{run_id}.{}", node.key).into(),
            timeout_ms: u64::try_from(timeout.as_millis()).ok(),
            run: Some(RunInfo {
                workflow_id: workflow_id.into(),
                run_id: run_id.into(),
                node_key: node.key.as_str().into(),
            }),
        };
        let executed = tokio::time::timeout(timeout, self.0.host.execute(&call, &services)).await;
        executed.unwrap_or_else(|_| {
            let message = format!("the node took longer than {timeout:?}");
            Err(CallError::new("TIMEOUT", message))
        })
    }
}

/// The keys in the definition around a node that is tried out.
const NODE: &str = "test";
const START: &str = "test-start";

fn evaluate(sample: &Sample, config: &Value) -> Result<Json, String> {
    let config = match config {
        Value::Null => json!({}),
        config => config.clone(),
    };
    let value = sample.evaluate_all(&config).map_err(|errors| {
        let told = errors
            .iter()
            .map(|error| format!("config.{}: {error}", error.path()));
        told.collect::<Vec<_>>().join("; ")
    })?;
    Json::check(to_json(&value)?).map_err(|error| error.to_string())
}

/// Problems of the definition around the node, as problems of the node.
fn rejected(problems: Vec<Problem>) -> WorkflowError {
    let of_node = |mut problem: Problem| {
        if problem
            .field
            .starts_with(&["definition", "nodes", "0"].map(str::to_owned))
        {
            problem.field.splice(..3, ["node".to_owned()]);
        }
        problem
    };
    WorkflowError::Rejected(problems.into_iter().map(of_node).collect())
}

impl TestedNode {
    fn failed(code: &str, message: impl Into<String>) -> TestedNode {
        TestedNode {
            error: Some((code.to_owned(), message.into())),
            ..TestedNode::default()
        }
    }
}
