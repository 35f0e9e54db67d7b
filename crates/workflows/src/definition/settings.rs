//! What holds for a whole workflow.

use std::time::Duration;

use jackfield_storage::ids::WorkflowId;
use jackfield_storage::run::{Concurrency, OnFull, Priority};
use jackfield_storage::{Json, Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{Fields, Path, problem, under};
use super::parse_duration;
use crate::expression::Template;

/// The most runs under way that a limit may allow; more is no limit.
const MAX_LIMIT: u32 = 10_000;

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
    /// How many runs may be under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<ConcurrencyDocument>,
    /// `HIGH`, `NORMAL` or `LOW`: which of several runs that are due begins first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
}

/// The limit of runs under way as it is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConcurrencyDocument {
    /// At most so many.
    pub limit: u32,
    /// An expression: the limit holds for each of its values by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `QUEUE`, `DROP` or `CANCEL_OLDEST`: what becomes of a run for which there is no room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_full: Option<String>,
}

/// The settings, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// How long a run may take, waits included.
    pub timeout: Option<Duration>,
    /// The workflow that is started when a run fails.
    pub error_workflow: Option<WorkflowId>,
    /// How many runs may be under way, if that is limited.
    pub concurrency: Option<Concurrency>,
    /// Which of several runs that are due begins first.
    pub priority: Priority,
}

impl SettingsDocument {
    pub(super) fn read(value: &Value, path: Path, problems: &mut Vec<Problem>) -> Option<Self> {
        let known = ["timeout", "errorWorkflowId", "concurrency", "priority"];
        let fields = Fields::of(value, path, &known, problems)?;
        let concurrency = fields.get("concurrency");
        Some(Self {
            timeout: fields.text("timeout", problems),
            error_workflow_id: fields.text("errorWorkflowId", problems),
            concurrency: concurrency.and_then(|value| {
                ConcurrencyDocument::read(value, fields.at("concurrency"), problems)
            }),
            priority: fields.text("priority", problems),
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
        let error_workflow = error_workflow.and_then(|id| {
            id.map_err(|error| fault("errorWorkflowId", format!("{error}")))
                .ok()
        });
        let priority = self.priority.as_deref().map(|word| {
            Priority::parse(word).unwrap_or_else(|| {
                let message = format!("`{word}` is unknown; there are HIGH, NORMAL and LOW");
                fault("priority", message);
                Priority::default()
            })
        });
        let concurrency = self.concurrency.as_ref();
        Settings {
            timeout,
            error_workflow,
            concurrency: concurrency
                .and_then(|document| document.check(&under(path, "concurrency"), problems)),
            priority: priority.unwrap_or_default(),
        }
    }
}

impl ConcurrencyDocument {
    fn read(value: &Value, path: Path, problems: &mut Vec<Problem>) -> Option<Self> {
        let fields = Fields::of(value, path, &["limit", "key", "onFull"], problems)?;
        if fields.get("limit").is_none() {
            let message = "`limit` is missing";
            problems.push(problem(&fields.at("limit"), ProblemCode::Required, message));
        }
        Some(Self {
            limit: fields.whole("limit", problems)?,
            key: fields.text("key", problems),
            on_full: fields.text("onFull", problems),
        })
    }

    fn check(&self, path: &Path, problems: &mut Vec<Problem>) -> Option<Concurrency> {
        let before = problems.len();
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            let message = format!("has to be a whole number from 1 to {MAX_LIMIT}");
            problems.push(problem(
                &under(path, "limit"),
                ProblemCode::Invalid,
                message,
            ));
        }
        let on_full = match self.on_full.as_deref().map(str::parse) {
            None => OnFull::default(),
            Some(Ok(on_full)) => on_full,
            Some(Err(_)) => {
                let message = "has to be QUEUE, DROP or CANCEL_OLDEST";
                problems.push(problem(
                    &under(path, "onFull"),
                    ProblemCode::Invalid,
                    message,
                ));
                OnFull::default()
            }
        };
        if let Some(key) = &self.key {
            check_key(key, &under(path, "key"), problems);
        }
        (problems.len() == before).then(|| Concurrency {
            limit: i32::try_from(self.limit).unwrap_or(i32::MAX),
            key: self.key.clone(),
            on_full,
        })
    }
}

/// The key is evaluated before the run begins, so it can read nothing but what starts it.
fn check_key(key: &str, path: &Path, problems: &mut Vec<Problem>) {
    match Template::parse(&Value::String(key.to_owned())) {
        Err(errors) => {
            let told = errors.into_iter();
            problems.extend(
                told.map(|error| problem(path, ProblemCode::InvalidExpression, error.to_string())),
            );
        }
        Ok(Template::Literal(_)) => {
            let message = "is the same for every run; it has to hold an expression such as {{ trigger.body.customer }}";
            problems.push(problem(path, ProblemCode::Invalid, message));
        }
        Ok(template) if !template.references().is_empty() => {
            let message =
                "reads a step, but it is asked before the run begins: only `trigger` is there then";
            problems.push(problem(path, ProblemCode::InvalidExpression, message));
        }
        Ok(_) => {}
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
