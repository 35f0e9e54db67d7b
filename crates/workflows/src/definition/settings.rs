//! What holds for a whole workflow.

use std::time::Duration;

use jackfield_storage::ids::WorkflowId;
use jackfield_storage::{Json, Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{Fields, Path, problem, under};
use super::parse_duration;

/// The settings as they are written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsDocument {
    /// How long a run may take, waits included, as an ISO 8601 duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// The id of the workflow that is started when a run fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_workflow_id: Option<String>,
}

/// The settings, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// How long a run may take, waits included.
    pub timeout: Option<Duration>,
    /// The workflow that is started when a run fails.
    pub error_workflow: Option<WorkflowId>,
}

impl SettingsDocument {
    pub(super) fn read(value: &Value, path: Path, problems: &mut Vec<Problem>) -> Option<Self> {
        let fields = Fields::of(value, path, &["timeout", "errorWorkflowId"], problems)?;
        Some(Self {
            timeout: fields.text("timeout", problems),
            error_workflow_id: fields.text("errorWorkflowId", problems),
        })
    }

    /// The settings that it stands for.
    pub(super) fn check(&self, path: &Path, problems: &mut Vec<Problem>) -> Settings {
        let mut fault = |name: &str, message: String| {
            problems.push(problem(&under(path, name), ProblemCode::Invalid, message));
        };
        let timeout = self.timeout.as_deref().map(parse_duration);
        let timeout = timeout.and_then(|timeout| match timeout {
            Ok(timeout) if !timeout.is_zero() => Some(timeout),
            Ok(_) => {
                fault("timeout", "has to be longer than nothing".to_owned());
                None
            }
            Err(message) => {
                fault("timeout", message);
                None
            }
        });
        let error_workflow = self.error_workflow_id.as_deref().map(str::parse);
        Settings {
            timeout,
            error_workflow: error_workflow.and_then(|id| {
                id.map_err(|error| fault("errorWorkflowId", format!("{error}")))
                    .ok()
            }),
        }
    }
}

impl Settings {
    /// The settings of a stored definition, also of one that is not valid any more.
    pub(crate) fn of(definition: &Json) -> Settings {
        #[derive(Deserialize)]
        struct Stored {
            #[serde(default)]
            settings: SettingsDocument,
        }
        let stored = definition.parse::<Stored>();
        stored.map_or_else(
            |_| Settings::default(),
            |stored| stored.settings.check(&Vec::new(), &mut Vec::new()),
        )
    }
}
