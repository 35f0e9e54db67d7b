//! `switch`: goes the first of several ways whose condition holds.

use std::collections::HashSet;

use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Map, Value as Json, json};

use super::{Logic, NodeType, Port};
use crate::definition::ERROR;
use crate::expression::{StepOutput, Value};

/// The way when no condition holds.
const DEFAULT: &str = "default";

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Goes on by the port of the first case whose condition holds, by `default` when none does.".to_owned(),
        outputs: vec![
            Port::new(DEFAULT, "Taken when no case holds. Each case adds a port of its own."),
            Port::error(),
        ],
        config_schema: json!({
            "type": "object",
            "required": ["cases"],
            "additionalProperties": false,
            "properties": {
                "cases": {
                    "type": "array", "title": "Cases", "minItems": 1, "maxItems": 50,
                    "description": "Looked at in this order.",
                    "items": {
                        "type": "object", "required": ["port", "condition"], "additionalProperties": false,
                        "properties": {
                            "port": {
                                "type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$", "title": "Port",
                                "description": "The name of the way; edges say it as `fromPort`.",
                            },
                            "condition": {"title": "Condition", "description": "An expression: {{ trigger.body.kind == \"refund\" }}."},
                        },
                    },
                },
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object", "required": ["port"], "properties": {"port": {"type": "string"}},
        }).into()),
        ..NodeType::logic("switch", "Switch", "route", Logic::Switch)
    }
}

/// The ports that the cases of a config name.
pub(super) fn ports(config: &Map<String, Json>) -> impl Iterator<Item = Port> {
    let cases = config.get("cases").and_then(Json::as_array);
    cases.into_iter().flatten().filter_map(|case| {
        let name = case.get("port")?.as_str()?;
        Some(Port::new(
            name,
            "Taken when the case's condition is the first that holds.",
        ))
    })
}

/// What the schema cannot say: every way has a name of its own.
pub(super) fn check(config: &Map<String, Json>, path: &[String], problems: &mut Vec<Problem>) {
    let mut seen = HashSet::from([DEFAULT.to_owned(), ERROR.to_owned()]);
    for (index, port) in ports(config).enumerate() {
        if !seen.insert(port.name.clone()) {
            let index = index.to_string();
            let field = path
                .iter()
                .map(String::as_str)
                .chain(["cases", &index, "port"]);
            let message = format!(
                "the port `{}` is there already; give each case another one",
                port.name
            );
            problems.push(Problem::new(field, ProblemCode::Taken, message));
        }
    }
}

/// The port is the way that was taken; the output names it.
pub(super) fn execute(config: &Value) -> StepOutput {
    let cases = config.get_attr("cases").unwrap_or_default();
    let holds = |case: &Value| {
        case.get_attr("condition")
            .is_ok_and(|condition| condition.is_true())
    };
    let taken = cases.try_iter().into_iter().flatten().find(holds);
    let port = taken
        .and_then(|case| case.get_attr("port").ok())
        .and_then(|port| port.as_str().map(str::to_owned))
        .unwrap_or_else(|| DEFAULT.to_owned());
    StepOutput {
        output: Value::from_pairs([("port", port.as_str())]),
        port: port.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_case_that_holds_is_taken() {
        let port = |first: bool, second: bool| {
            let config = json!({"cases": [
                {"port": "refund", "condition": first}, {"port": "charge", "condition": second},
            ]});
            execute(&crate::expression::from_json(&config))
                .port
                .to_string()
        };
        assert_eq!(port(true, true), "refund");
        assert_eq!(port(false, true), "charge");
        assert_eq!(port(false, false), "default");
    }
}
