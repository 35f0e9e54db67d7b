//! A config against the JSON Schema of its node type.

use jackfield_storage::ids::ResourceId;
use jackfield_storage::{Problem, ProblemCode};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::fields::{problem, under};
use crate::nodes::{Hints, ResourceMember};

/// Everything in `config` that the schema forbids. A string with an expression in it is not held to its type, format,
/// pattern or list of values: what it will be is only known when it is evaluated. The same holds for the id of a resource in a
/// member that stands for one, and such a member may be absent: the default takes its place. What is no object in the place of a message
/// template is none of this check's business, and what the message fills may be absent beside it.
pub(super) fn check(
    (validator, schema): (&Validator, &Value),
    hints: &Hints,
    config: &Value,
    path: &[String],
    problems: &mut Vec<Problem>,
) {
    let depends = |error: &ValidationError<'_>| {
        depends_on_expression(error)
            || depends_on_resource(&hints.resources, error)
            || depends_on_message(hints, config, error)
    };
    for error in validator
        .iter_errors(config)
        .filter(|error| !depends(error))
    {
        let field = location(path, error.instance_path().as_str());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for name in unexpected {
                    let message = format!("there is no setting `{name}` here");
                    problems.push(problem(
                        &under(&field, name),
                        ProblemCode::InvalidConfig,
                        message,
                    ));
                }
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let message = format!("`{name}` is missing");
                problems.push(problem(
                    &under(&field, name),
                    ProblemCode::InvalidConfig,
                    message,
                ));
            }
            // The value itself stays out of the message: it may be long, or a secret in the wrong place.
            _ => {
                let message = match example(schema, &error) {
                    Some(example) => format!("has to be written like `{example}`"),
                    None => error.masked().to_string(),
                };
                problems.push(problem(&field, ProblemCode::InvalidConfig, message));
            }
        }
    }
}

/// What a text should have been like that does not match a pattern, where the schema has an example beside that: few can read a
/// regular expression.
fn example<'s>(schema: &'s Value, error: &ValidationError<'_>) -> Option<&'s str> {
    let beside = error.schema_path().as_str().strip_suffix("/pattern")?;
    schema.pointer(beside)?.get("examples")?.get(0)?.as_str()
}

fn depends_on_resource(resources: &[ResourceMember], error: &ValidationError<'_>) -> bool {
    let path = error.instance_path().as_str();
    let is_one = |name: &str| resources.iter().any(|member| member.name == name);
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            path.is_empty() && property.as_str().is_some_and(is_one)
        }
        _ => {
            let text = error.instance().as_str().unwrap_or_default();
            path.strip_prefix('/').is_some_and(is_one) && text.parse::<ResourceId>().is_ok()
        }
    }
}

fn depends_on_message(hints: &Hints, config: &Value, error: &ValidationError<'_>) -> bool {
    let path = error.instance_path().as_str();
    let mut messages = config
        .as_object()
        .into_iter()
        .flat_map(|config| hints.messages_in(config));
    match error.kind() {
        ValidationErrorKind::Required { property } if path.is_empty() => {
            let name = property.as_str().unwrap_or_default();
            messages.any(|(member, _)| member.fills.contains(&name))
        }
        _ => messages.any(|(member, value)| {
            !value.is_object() && path.strip_prefix('/') == Some(member.name.as_str())
        }),
    }
}

fn depends_on_expression(error: &ValidationError<'_>) -> bool {
    if error
        .instance()
        .as_str()
        .is_some_and(|text| text.contains("{{"))
    {
        return true;
    }
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context
                .iter()
                .any(|branch| branch.iter().all(depends_on_expression))
        }
        ValidationErrorKind::OneOfMultipleValid { .. } | ValidationErrorKind::UniqueItems => {
            has_expression(error.instance())
        }
        _ => false,
    }
}

fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(members) => members.values().any(has_expression),
        _ => false,
    }
}

/// A JSON pointer (RFC 6901) below `path`, as a path.
fn location(path: &[String], pointer: &str) -> Vec<String> {
    let parts = pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"));
    path.iter().cloned().chain(parts).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(config: Value) -> Vec<String> {
        let schema = json!({
            "type": "object",
            "required": ["url", "sender"],
            "additionalProperties": false,
            "properties": {
                "url": {"type": "string"},
                "sender": {"type": "string", "pattern": "@", "examples": ["ada@example.com"]},
                "method": {"enum": ["GET", "POST"]},
                "retries": {"type": "integer"},
                "auth": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"n": {"type": "integer"}}}]},
            },
        });
        let mut problems = Vec::new();
        check(
            (&jsonschema::validator_for(&schema).unwrap(), &schema),
            &Hints {
                resources: vec![ResourceMember {
                    name: "sender".to_owned(),
                    resource_type: "sender_email".to_owned(),
                    operation: None,
                }],
                ..Hints::default()
            },
            &config,
            &["config".to_owned()],
            &mut problems,
        );
        problems
            .into_iter()
            .map(|problem| format!("{}: {}", problem.field.join("."), problem.message))
            .collect()
    }

    #[test]
    fn each_fault_has_its_place() {
        insta::assert_debug_snapshot!(problems(json!({"method": "PUSH", "retries": "many", "ulr": 1})), @r#"
        [
            "config.url: `url` is missing",
            "config.method: value is not one of \"GET\" or \"POST\"",
            "config.retries: value is not of type \"integer\"",
            "config.ulr: there is no setting `ulr` here",
        ]
        "#);
        let misformed = problems(json!({"url": "", "sender": "Ada"}));
        assert_eq!(
            misformed,
            ["config.sender: has to be written like `ada@example.com`"]
        );
    }

    #[test]
    fn expressions_are_not_held_to_types() {
        let config = json!({
            "url": "{{ trigger.body.url }}", "method": "{{ trigger.body.method }}",
            "retries": "{{ 3 }}", "auth": {"n": "{{ 1 }}"},
        });
        assert_eq!(problems(config), Vec::<String>::new());
    }

    #[test]
    fn a_resource_may_be_absent_or_named_by_its_id() {
        let with = |sender: &str| problems(json!({"url": "u", "sender": sender}));
        assert_eq!(problems(json!({"url": "u"})), Vec::<String>::new());
        assert_eq!(with("res_01HF7YAT00000000000000001A"), Vec::<String>::new());
        assert_eq!(with("hello@example.com"), Vec::<String>::new());
        assert_eq!(with("hello").len(), 1);
    }
}
