//! `respond`: what the webhook that started the run is answered, and the output of the run.

use serde_json::json;

use super::{Logic, NodeType, data_out};
use crate::expression::{StepOutput, Value};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Answers the webhook that started the run, when its `respond` is `when_finished`; in any case the \
                      answer is the output of the run."
            .to_owned(),
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "status": {"type": "integer", "minimum": 200, "maximum": 599, "default": 200, "title": "Status"},
                "headers": {"type": "object", "additionalProperties": {"type": "string"}, "title": "Headers"},
                "body": {"title": "Body", "description": "A string is sent as text, anything else as JSON."},
            },
        }),
        output_schema: Some(json!({
            "type": "object",
            "required": ["status", "headers", "body"],
            "properties": {"status": {"type": "integer"}, "headers": {"type": "object"}, "body": {}},
        })),
        ..NodeType::logic("respond", "Respond", "reply", Logic::Respond)
    }
}

/// The output is the whole answer; what the config leaves out is 200, no headers and null.
pub(super) fn execute(config: &Value) -> StepOutput {
    let or = |name: &str, otherwise: Value| match config.get_attr(name) {
        Ok(value) if !value.is_undefined() => value,
        _ => otherwise,
    };
    let no_headers = Value::from_pairs(std::iter::empty::<(&str, Value)>());
    let answer = [
        ("status", or("status", Value::from(200))),
        ("headers", or("headers", no_headers)),
        ("body", or("body", Value::from(()))),
    ];
    data_out(Value::from_pairs(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_a_default() {
        let answer = |config| {
            let output = execute(&crate::expression::from_json(&config)).output;
            crate::expression::to_json(&output).unwrap()
        };
        insta::assert_snapshot!(answer(json!({})), @r#"{"status":200,"headers":{},"body":null}"#);
        insta::assert_snapshot!(
            answer(json!({"status": 201, "headers": {"x-a": "b"}, "body": [1]})),
            @r#"{"status":201,"headers":{"x-a":"b"},"body":[1]}"#
        );
    }
}
