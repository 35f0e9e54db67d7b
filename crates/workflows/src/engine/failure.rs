//! Why a step or a run failed, as it is stored and shown.

use jackfield_plugin_host::messages::CallError;
use jackfield_storage::Json;
use serde::Serialize;
use serde_json::value::RawValue;

use super::definitions::Unrunnable;
use crate::expression::ExpressionError;
use crate::message_template::Fault;

/// An expression could not be evaluated.
pub(super) const EXPRESSION: &str = "EXPRESSION_FAILED";
/// The node left by its `error` port and nothing is known about why.
pub(super) const NODE_FAILED: &str = "NODE_FAILED";
/// A service answered with an HTTP status of 400 or more.
pub(super) const HTTP_STATUS: &str = "HTTP_STATUS";
/// An attempt took longer than it may.
pub(super) const TIMEOUT: &str = "TIMEOUT";
/// What a step returned is larger than it may be.
pub(super) const OUTPUT_TOO_LARGE: &str = "OUTPUT_TOO_LARGE";
/// A plugin did what it must not.
pub(super) const PLUGIN_FAULT: &str = "PLUGIN_FAULT";
/// The server stopped while the step was under way.
pub(super) const UNCERTAIN: &str = "UNCERTAIN";
/// Somebody cancelled the run.
pub(super) const CANCELLED: &str = "CANCELLED";
/// The node `fail` was executed.
pub(super) const FAILED: &str = "FAILED";
/// The run that the step waited for did not succeed.
pub(super) const CHILD_FAILED: &str = "CHILD_FAILED";
/// The run that the step wanted could not be started.
pub(super) const WORKFLOW_NOT_STARTED: &str = "WORKFLOW_NOT_STARTED";
/// Runs would start each other too deep.
pub(super) const TOO_DEEP: &str = "TOO_DEEP";
/// The run would have more steps than it may.
pub(super) const TOO_MANY_STEPS: &str = "TOO_MANY_STEPS";
/// The run was taken up again and again, and each time its process died.
pub(super) const RECOVERY_EXHAUSTED: &str = "RECOVERY_EXHAUSTED";
/// The server is at fault.
pub(super) const INTERNAL: &str = "INTERNAL";

/// A failure: what programs look at and what people read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failure {
    pub code: String,
    pub message: String,
    /// What the provider itself said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// The node that failed the run; in the error of a run only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_key: Option<String>,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>) -> Failure {
        Failure {
            code: code.to_owned(),
            message: message.into(),
            data: None,
            node_key: None,
        }
    }

    /// The failure as JSON.
    pub fn json(&self) -> Json {
        Json::of(self).unwrap_or_else(|_| Json::null())
    }

    /// What leaves by the `error` port: `{"error": {…}}`.
    pub fn output(&self) -> Json {
        #[derive(Serialize)]
        struct Output<'a> {
            error: &'a Failure,
        }
        Json::of(&Output { error: self }).unwrap_or_else(|_| Json::null())
    }
}

/// A step's error with the key of its node, as it is the error of a run or of an item.
pub(super) fn with_node(error: Option<&Json>, node_key: &str) -> Json {
    let unknown = || Failure::new(INTERNAL, "a step failed").json().value();
    let mut error = error.map_or_else(unknown, Json::value);
    if let Some(error) = error.as_object_mut() {
        error.insert("nodeKey".to_owned(), node_key.into());
    }
    error.into()
}

/// What is known of an outcome that left by the `error` port: an HTTP status, if that is what it holds.
pub(super) fn of_error_output(output: &str) -> Failure {
    #[derive(serde::Deserialize)]
    struct Answer {
        status: u16,
    }
    match serde_json::from_str::<Answer>(output) {
        Ok(Answer { status }) => Failure::new(
            HTTP_STATUS,
            format!("the service answered with status {status}; see the step's output"),
        ),
        Err(_) => Failure::new(
            NODE_FAILED,
            "the node left by its `error` port; see the step's output",
        ),
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Failure {
            code: error.code,
            message: error.message,
            data: error.data,
            node_key: None,
        }
    }
}

impl From<ExpressionError> for Failure {
    fn from(error: ExpressionError) -> Self {
        Failure::new(EXPRESSION, format!("config.{}: {error}", error.path()))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::new(fault.code, fault.message)
    }
}

impl From<Unrunnable> for Failure {
    fn from(reason: Unrunnable) -> Self {
        match reason {
            Unrunnable::Missing => Failure::new(INTERNAL, "the version of the workflow is gone"),
            Unrunnable::PluginMissing(gone) => Failure {
                node_key: gone.node_key,
                ..Failure::new(
                    "PLUGIN_MISSING",
                    format!("{}; {}", gone.problem.message, gone.remedy),
                )
            },
            Unrunnable::Invalid(message) => Failure::new("INVALID_DEFINITION", message),
        }
    }
}
