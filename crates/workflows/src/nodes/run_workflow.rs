//! `run-workflow`: runs another workflow and waits for its result.

use jackfield_storage::ids::WorkflowId;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{NodeType, Wait};

/// How many runs may be above a run that a workflow starts.
pub(crate) const MAX_DEPTH: i32 = 10;

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Starts a run of another workflow at its `manual` trigger and waits for it. The output is the output of \
                      that run; when it fails, so does this step. Runs are at most ten deep."
            .to_owned(),
        config_schema: json!({
            "type": "object",
            "required": ["workflowId"],
            "additionalProperties": false,
            "properties": {
                "workflowId": {"type": "string", "title": "Workflow", "description": "The id of the workflow, which has to be published."},
                "input": {"title": "Input", "description": "What the other run sees as trigger.body."},
            },
        }).into(),
        ..NodeType::wait("run-workflow", "Run workflow", "workflow", Wait::Workflow)
    }
}

/// What an evaluated config asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wanted {
    pub workflow_id: WorkflowId,
    #[serde(default)]
    pub input: Json,
}

/// Reads an evaluated config; the error is a sentence about it.
pub(crate) fn read(config: &Json) -> Result<Wanted, String> {
    Wanted::deserialize(config).map_err(|error| format!("config: {error}"))
}
