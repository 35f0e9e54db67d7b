//! The message templates that a config names.

use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Map, Value};

use crate::definition::NamedTemplate;
use crate::definition::fields::{Path, problem, under};
use crate::nodes::Hints;

/// Those that are named by their ids. What an expression will name is only known when it is evaluated, and a message that is
/// written out is held to the schema.
pub(super) fn named(
    config: &Map<String, Value>,
    hints: &Hints,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Vec<NamedTemplate> {
    let mut named = Vec::new();
    for (member, value) in hints.messages_in(config) {
        let parsed = match value {
            Value::Object(_) => continue,
            Value::String(text) if text.contains("{{") => continue,
            Value::String(text) => text.trim().parse(),
            other => other.to_string().parse(),
        };
        match parsed {
            Ok(id) => named.push(NamedTemplate {
                member: member.name.clone(),
                channel: member.channel,
                id,
            }),
            Err(error) => problems.push(problem(
                &under(path, &member.name),
                ProblemCode::InvalidConfig,
                format!("has to be the id of a message template: {error}"),
            )),
        }
    }
    named
}
