//! `if`: goes one of two ways.

use serde_json::json;

use super::{Logic, NodeType, Port};
use crate::expression::{StepOutput, Value};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Goes on by `true` or by `false`, as the condition says.".to_owned(),
        outputs: vec![
            Port::new("true", "Taken when the condition holds."),
            Port::new(
                "false",
                "Taken when it does not: false, null, 0, an empty string, list or object.",
            ),
            Port::error(),
        ],
        config_schema: json!({
            "type": "object",
            "required": ["condition"],
            "additionalProperties": false,
            "properties": {
                "condition": {
                    "type": "boolean",
                    "title": "Condition",
                    "description": "An expression: {{ trigger.body.amount > 100 }}.",
                },
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object", "required": ["condition"], "properties": {"condition": {"type": "boolean"}},
        }).into()),
        ..NodeType::logic("if", "If", "split", Logic::If)
    }
}

/// The output says which way it went; the port is the way.
pub(super) fn execute(config: &Value) -> StepOutput {
    let holds = config
        .get_attr("condition")
        .is_ok_and(|condition| condition.is_true());
    StepOutput {
        output: Value::from_pairs([("condition", holds)]),
        port: if holds { "true" } else { "false" }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_condition_chooses_the_port() {
        let port = |condition: &serde_json::Value| {
            execute(&crate::expression::from_json(
                &json!({"condition": condition}),
            ))
            .port
            .to_string()
        };
        for holds in [
            json!(true),
            json!(1),
            json!("x"),
            json!([0]),
            json!({"a": null}),
        ] {
            assert_eq!(port(&holds), "true", "{holds}");
        }
        for fails in [
            json!(false),
            json!(null),
            json!(0),
            json!(""),
            json!([]),
            json!({}),
        ] {
            assert_eq!(port(&fails), "false", "{fails}");
        }
    }
}
