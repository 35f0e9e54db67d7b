//! One attempt of a plugin's node.

use std::sync::Arc;
use std::time::Duration;

use jackfield_plugin_host::messages::{
    Call, CallError, CredentialSlot, NODE_EXECUTE, Outcome, RunInfo,
};
use jackfield_storage::Json;
use jackfield_storage::ids::{RunId, WorkflowId, WorkspaceId};
use serde_json::value::{RawValue, to_raw_value};

use super::failure::{INTERNAL, TIMEOUT};
use crate::definition::{Definition, NodeIndex};
use crate::workflow::Workflows;

/// Everything that a call needs, on its own, so that it can run beside the other branches.
pub(super) struct Attempt {
    pub workflows: Workflows,
    pub definition: Arc<Definition>,
    pub workspace: WorkspaceId,
    pub workflow: WorkflowId,
    pub run: RunId,
    pub node: NodeIndex,
    pub attempt: u32,
    /// The node's config, evaluated.
    pub config: Json,
    /// What came in through its input port.
    pub input: Json,
    pub timeout: Duration,
}

/// What came of an attempt.
pub(super) struct Returned {
    pub node: NodeIndex,
    pub result: Result<Outcome, CallError>,
}

impl Attempt {
    /// Makes the call. Dropping the future ends it.
    pub async fn call(self) -> Returned {
        let node = self.node;
        let result = match tokio::time::timeout(self.timeout, self.execute()).await {
            Ok(result) => result,
            Err(_) => {
                let message = format!("the attempt took longer than {:?}", self.timeout);
                Err(CallError::new(TIMEOUT, message).retryable())
            }
        };
        Returned { node, result }
    }

    async fn execute(&self) -> Result<Outcome, CallError> {
        let node = self.definition.node(self.node);
        let inner = &self.workflows.0;
        let services = inner
            .apps
            .services(self.workspace, self.run, node.connected_app)
            .await?;
        let settings = to_raw_value(&services.settings()).map_err(|error| unreadable(&error))?;
        let credentials = services.provider().map(|provider| CredentialSlot {
            slot: CredentialSlot::DEFAULT.into(),
            provider: provider.to_owned().into(),
            settings: Some(&settings),
        });
        let (workflow_id, run_id) = (self.workflow.to_string(), self.run.to_string());
        let call = Call {
            op: NODE_EXECUTE.into(),
            node: node.kind.name.as_str().into(),
            provider: None,
            config: raw(&self.config)?,
            input: raw(&self.input)?,
            credentials: credentials.into_iter().collect(),
            attempt: self.attempt,
            // The same for every attempt of the step, and for no other step.
            idempotency_key: format!("{run_id}.{}", node.key).into(),
            timeout_ms: u64::try_from(self.timeout.as_millis()).ok(),
            run: Some(RunInfo {
                workflow_id: workflow_id.into(),
                run_id: run_id.into(),
                node_key: node.key.as_str().into(),
            }),
        };
        inner.host.execute(&call, &services).await
    }
}

fn raw(json: &Json) -> Result<&RawValue, CallError> {
    serde_json::from_str(json.as_str()).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> CallError {
    CallError::new(
        INTERNAL,
        format!("the call could not be written as JSON: {error}"),
    )
}
