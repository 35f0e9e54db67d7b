//! A draft, run as it is: nothing is published for it.

use std::collections::BTreeMap;

use jackfield_storage::access::{Permit, StartRuns};
use jackfield_storage::ids::{RunId, WorkflowId};
use jackfield_storage::pin::{self, Pin};
use jackfield_storage::run::{self, Beginning, Priority, Run};
use jackfield_storage::workflow_version::WorkflowVersion;
use jackfield_storage::{Call, Json, Problem, ProblemCode, workflow, workflow_version};
use serde_json::Value;

use super::export::document;
use super::pin::Pinned;
use super::start::check_input;
use super::{WorkflowError, Workflows};
use crate::definition::{Document, NodeDocument};
use crate::nodes::{Behaviour, Catalogue, Trigger};

/// A test run that somebody asks for.
#[derive(Debug, Clone)]
pub struct TestRun {
    /// Of whose draft.
    pub workflow_id: WorkflowId,
    /// At which trigger it starts.
    pub trigger_key: Option<String>,
    /// What expressions read as `trigger.body`; absent, what is pinned to the trigger, or null.
    pub input: Option<Value>,
}

impl Workflows {
    /// Starts a run of the draft in which pinned nodes are not executed. What the others do outside, they do. The run is on
    /// disk when this returns.
    pub async fn start_test(
        &self,
        permit: &Permit<StartRuns>,
        test: TestRun,
    ) -> Result<Run, WorkflowError> {
        let input = test.input.as_ref().map(check_input).transpose();
        let input = input.map_err(|problem| WorkflowError::Rejected(vec![problem]))?;
        let (permit, id) = (permit.clone(), self.0.store.clock().id());
        let catalogue = self.0.catalogue.get();
        let writer = self.0.store.writer();
        writer
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let version = draft(call, &permit, test.workflow_id).await?;
                    let document = document(&version)?;
                    let read = permit.read();
                    let mut pins = pin::of_workflow(call.db(), &read, test.workflow_id).await?;
                    let trigger = trigger(&document, test.trigger_key, &pins, &catalogue)?;
                    // The trigger is not executed: what is pinned to it is what the run starts with.
                    let given = input.is_some();
                    pins.retain(|pin| !(given && pin.node_key == trigger));
                    let pinned = pins.iter().find(|pin| pin.node_key == trigger);
                    let input = input
                        .or_else(|| Some(pinned?.output.clone()))
                        .unwrap_or_else(|| super::manual_input(&Value::Null));
                    let run = row(call, id, &version, trigger, input, pins);
                    // Whoever tries something out waits for nobody: no limit counts it.
                    Ok(run::insert(call, &permit, run, Vec::new(), None).await?)
                })
            })
            .await
    }
}

async fn draft(
    call: &Call,
    permit: &Permit<StartRuns>,
    id: WorkflowId,
) -> Result<WorkflowVersion, WorkflowError> {
    let found = workflow::find(call.db(), &permit.read(), id).await?;
    let workflow = found.ok_or(WorkflowError::NotFound(id))?;
    let none = || {
        let message = "there is nothing to run; save a definition first";
        rejected("workflowId", ProblemCode::Conflict, message)
    };
    let draft = workflow.draft_version_id.ok_or_else(none)?;
    let version = workflow_version::find(call.db(), &permit.read(), draft).await?;
    version.ok_or_else(none)
}

/// The key of the trigger that is meant: the one that is named, the pinned one, the `manual` one, or the only one.
fn trigger(
    document: &Document,
    named: Option<String>,
    pins: &[Pin],
    catalogue: &Catalogue,
) -> Result<String, WorkflowError> {
    let is_trigger = |node: &&NodeDocument| {
        let kind = catalogue.get(&node.kind);
        kind.is_some_and(|kind| kind.is_trigger())
    };
    let triggers: Vec<&NodeDocument> = document.nodes.iter().filter(is_trigger).collect();
    if let Some(named) = named {
        let there = triggers.iter().any(|node| node.key == named);
        let message = || format!("the draft has no trigger with the key `{named}`");
        return match there {
            true => Ok(named),
            false => Err(rejected("triggerKey", ProblemCode::NotFound, message())),
        };
    }
    let is_manual = |node: &&&NodeDocument| {
        let kind = catalogue.get(&node.kind);
        kind.is_some_and(|kind| matches!(kind.behaviour, Behaviour::Trigger(Trigger::Manual)))
    };
    let pinned = |node: &&&NodeDocument| pins.iter().any(|pin| pin.node_key == node.key);
    let meant = triggers
        .iter()
        .find(pinned)
        .or_else(|| triggers.iter().find(is_manual))
        .or(triggers.first().filter(|_| triggers.len() == 1));
    let Some(meant) = meant else {
        let keys: Vec<_> = triggers
            .iter()
            .map(|node| format!("`{}`", node.key))
            .collect();
        let message = format!(
            "say at which trigger to start: there are {}",
            keys.join(", ")
        );
        return Err(rejected("triggerKey", ProblemCode::Required, message));
    };
    Ok(meant.key.clone())
}

fn row(
    call: &Call,
    id: RunId,
    version: &WorkflowVersion,
    trigger_key: String,
    input: Json,
    pins: Vec<Pin>,
) -> Run {
    let pinned = pins.into_iter().map(|pin| {
        let (output, port) = (pin.output, pin.port);
        (pin.node_key, Pinned { output, port })
    });
    let pins: BTreeMap<String, Pinned> = pinned.collect();
    let beginning = Beginning::of(version, id, trigger_key, input);
    Run {
        priority: Priority::High,
        is_test: true,
        pins: Json::of(&pins).ok(),
        ..Run::queued(beginning, call.now())
    }
}

fn rejected(field: &str, code: ProblemCode, message: impl Into<String>) -> WorkflowError {
    WorkflowError::Rejected(vec![Problem::new([field], code, message)])
}
