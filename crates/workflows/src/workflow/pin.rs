//! Outputs pinned to nodes of a draft: its test runs take them instead of executing the nodes.
//!
//! Pins belong to the draft as such and to none of its versions, so nothing that is published knows of them, and neither do
//! files. They stay from one save to the next as long as they fit: what was saved has a node of that key and type with
//! that port.

use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::{StepId, WorkflowId};
use jackfield_storage::pin::{self, Pin};
use jackfield_storage::workflow::{self, Workflow};
use jackfield_storage::{Call, Json, Problem, ProblemCode, step, workflow_version};
use serde::{Deserialize, Serialize};

use super::export::document;
use super::{WorkflowError, Workflows, update};
use crate::definition::{DATA_OUT, Document, NodeDocument};
use crate::expression::MAX_OUTPUT;
use crate::nodes::Catalogue;

/// A node that is to be pinned.
#[derive(Debug, Clone)]
pub struct PinNode {
    /// The workflow to whose draft the node belongs.
    pub workflow_id: WorkflowId,
    /// The node; absent, it is that of the step.
    pub node_key: Option<String>,
    /// What its output is.
    pub output: PinOutput,
}

/// What the output of a pinned node is.
#[derive(Debug, Clone)]
pub enum PinOutput {
    /// What a step of an earlier run returned, by the port at which it left.
    OfStep(StepId),
    /// This, by a port; `data-out` when none is named.
    Given(Json, Option<String>),
}

/// A pinned output, as a run keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pinned {
    pub output: Json,
    pub port: String,
}

impl Workflows {
    /// Pins the output of a node of the draft, in place of what was pinned to it before.
    pub async fn pin(
        &self,
        permit: &Permit<EditWorkflows>,
        new: PinNode,
    ) -> Result<Workflow, WorkflowError> {
        let (of_step, pinned) = self.pinned(permit, new.output).await?;
        let key = new.node_key.or(of_step);
        let key =
            key.ok_or_else(|| rejected("nodeKey", ProblemCode::Required, "say which node"))?;
        if pinned.output.as_str().len() > MAX_OUTPUT {
            let message = format!("the output may have at most {MAX_OUTPUT} bytes");
            return Err(rejected("output", ProblemCode::TooLarge, message));
        }
        let (catalogue, permit, id) = (self.0.catalogue.get(), permit.clone(), new.workflow_id);
        let writer = self.0.store.writer();
        writer
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let found = workflow::find(call.db(), &permit.read(), id).await?;
                    let workflow = found.ok_or(WorkflowError::NotFound(id))?;
                    let draft = draft(call, &permit, &workflow).await?;
                    let node = draft.as_ref().and_then(|draft| node(draft, &key));
                    let node = node.ok_or_else(|| {
                        let message = format!("the draft has no node with the key `{key}`");
                        rejected("nodeKey", ProblemCode::NotFound, message)
                    })?;
                    check_port(node, &pinned.port, &catalogue)?;
                    let pin = Pin {
                        workflow_id: id,
                        node_key: key,
                        workspace_id: permit.workspace(),
                        output: pinned.output,
                        port: pinned.port,
                        created_at: call.now(),
                    };
                    pin::put(call.db(), &permit, pin).await?;
                    update(call, "pinned", &workflow, workflow.clone()).await
                })
            })
            .await
    }

    /// Has test runs execute a node again. Nothing happens when it is not pinned.
    pub async fn unpin(
        &self,
        permit: &Permit<EditWorkflows>,
        id: WorkflowId,
        node_key: String,
    ) -> Result<Workflow, WorkflowError> {
        let permit = permit.clone();
        let writer = self.0.store.writer();
        writer
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let found = workflow::find(call.db(), &permit.read(), id).await?;
                    let workflow = found.ok_or(WorkflowError::NotFound(id))?;
                    pin::remove(call.db(), &permit, id, &[node_key]).await?;
                    update(call, "unpinned", &workflow, workflow.clone()).await
                })
            })
            .await
    }

    /// What is pinned, and of a step the key of its node.
    async fn pinned(
        &self,
        permit: &Permit<EditWorkflows>,
        output: PinOutput,
    ) -> Result<(Option<String>, Pinned), WorkflowError> {
        let id = match output {
            PinOutput::Given(output, port) => {
                let port = port.unwrap_or_else(|| DATA_OUT.to_owned());
                return Ok((None, Pinned { output, port }));
            }
            PinOutput::OfStep(id) => id,
        };
        let found = step::find(self.0.store.reader(), &permit.read(), id).await?;
        let step = found
            .ok_or_else(|| rejected("stepId", ProblemCode::NotFound, "there is no such step"))?;
        let (Some(output), Some(port)) = (step.output, step.port) else {
            let message = format!(
                "the step is {} and left by no port, so there is nothing to pin",
                step.status
            );
            return Err(rejected("stepId", ProblemCode::Conflict, message));
        };
        Ok((Some(step.node_key), Pinned { output, port }))
    }
}

/// Removes the pins that do not fit what is saved in place of `before`.
pub(super) async fn keep_fitting(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    workflow: &Workflow,
    saved: &Document,
    catalogue: &Catalogue,
) -> Result<(), WorkflowError> {
    let pins = pin::of_workflow(call.db(), &permit.read(), workflow.id).await?;
    if pins.is_empty() {
        return Ok(());
    }
    let before = draft(call, permit, workflow).await?;
    let fits = |pin: &Pin| {
        let same_type = node(saved, &pin.node_key).filter(|node| {
            let earlier = before
                .as_ref()
                .and_then(|before| self::node(before, &pin.node_key));
            earlier.is_none_or(|earlier| earlier.kind == node.kind)
        });
        same_type.is_some_and(|node| check_port(node, &pin.port, catalogue).is_ok())
    };
    let gone: Vec<String> = pins
        .iter()
        .filter(|pin| !fits(pin))
        .map(|pin| pin.node_key.clone())
        .collect();
    if !gone.is_empty() {
        pin::remove(call.db(), permit, workflow.id, &gone).await?;
    }
    Ok(())
}

async fn draft(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    workflow: &Workflow,
) -> Result<Option<Document>, WorkflowError> {
    let Some(id) = workflow.draft_version_id else {
        return Ok(None);
    };
    let version = workflow_version::find(call.db(), &permit.read(), id).await?;
    version.as_ref().map(document).transpose()
}

fn node<'a>(document: &'a Document, key: &str) -> Option<&'a NodeDocument> {
    document.nodes.iter().find(|node| node.key == key)
}

/// A node without ports, such as `fail`, is pinned as if it had `data-out`: nothing hangs on it.
fn check_port(node: &NodeDocument, port: &str, catalogue: &Catalogue) -> Result<(), WorkflowError> {
    let Some(kind) = catalogue.get(&node.kind) else {
        return Ok(());
    };
    let ports = kind.outputs_with(&node.config);
    if port == DATA_OUT && ports.is_empty() || ports.iter().any(|known| known.name == port) {
        return Ok(());
    }
    let names: Vec<_> = ports
        .iter()
        .map(|known| format!("`{}`", known.name))
        .collect();
    let message = format!(
        "`{}` has no output port `{port}`; it has {}",
        kind.name,
        names.join(", ")
    );
    Err(rejected("port", ProblemCode::UnknownPort, message))
}

fn rejected(field: &str, code: ProblemCode, message: impl Into<String>) -> WorkflowError {
    WorkflowError::Rejected(vec![Problem::new([field], code, message)])
}
