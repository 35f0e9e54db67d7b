//! Message templates in the configs of steps.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::ids::MessageTemplateId;
use jackfield_storage::{Json, StorageError};

use super::drive::Driver;
use super::failure::{Failure, OUTPUT_TOO_LARGE};
use crate::definition::Node;
use crate::expression::{ExpressionError, MAX_OUTPUT, Scope, Value};
use crate::machine::{Place, Todo};
use crate::message_template::{Fault, fill, wanted};
use crate::nodes::Hints;

/// A step that wants message templates which are not in memory. It is executed again when they were read.
pub(super) struct Unread {
    pub place: Place,
    pub attempt: u32,
    pub templates: Vec<MessageTemplateId>,
}

/// Why a step has no config yet, or never will.
pub(super) enum Held {
    Unread(Vec<MessageTemplateId>),
    Failed(Failure),
}

impl From<Failure> for Held {
    fn from(failure: Failure) -> Held {
        Held::Failed(failure)
    }
}

impl From<ExpressionError> for Held {
    fn from(error: ExpressionError) -> Held {
        Held::Failed(error.into())
    }
}

impl From<Fault> for Held {
    fn from(fault: Fault) -> Held {
        Held::Failed(fault.into())
    }
}

/// Whether an evaluated config names a message template.
pub(super) fn has_messages(hints: &Hints, config: &Value) -> bool {
    let is_text = |value: Value| value.as_str().is_some();
    let mut members = hints.messages.iter();
    members.any(|member| config.get_attr(&member.name).is_ok_and(is_text))
}

impl Driver {
    /// An evaluated config with messages in the place of the templates that it names.
    pub(super) fn with_messages(
        &self,
        node: &Node,
        config: &Json,
        scope: &Arc<Scope>,
    ) -> Result<Json, Held> {
        let serde_json::Value::Object(mut members) = config.value() else {
            return Ok(config.clone());
        };
        let (hints, workflows) = (&node.kind.hints, &self.shared.workflows);
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for id in wanted(hints, &members) {
            let known = workflows.known_message_template(self.run.workspace_id, id);
            match known.or_else(|| self.templates.get(&id).cloned()) {
                Some(template) => drop(found.insert(id, template)),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            return Err(Held::Unread(missing));
        }
        fill(hints, &mut members, &found, &scope.value())?;
        let filled = Json::from(serde_json::Value::Object(members));
        match filled.as_str().len() > MAX_OUTPUT {
            true => {
                let message =
                    format!("with its message the config has more than {MAX_OUTPUT} bytes");
                Err(Failure::new(OUTPUT_TOO_LARGE, message).into())
            }
            false => Ok(filled),
        }
    }

    /// Reads the message templates that steps want, and has these executed again.
    pub(super) async fn read_templates(&mut self) -> Result<(), StorageError> {
        let unread = std::mem::take(&mut self.unread);
        let ids = unread.iter().flat_map(|step| &step.templates);
        let ids: Vec<_> = ids.copied().collect();
        let workspace = self.run.workspace_id;
        let read = self.shared.workflows.message_templates(workspace, &ids);
        self.templates = read.await?;
        let todos = unread.into_iter().map(|step| Todo::Execute {
            place: step.place,
            attempt: step.attempt,
        });
        self.todos.extend(todos);
        Ok(())
    }
}
