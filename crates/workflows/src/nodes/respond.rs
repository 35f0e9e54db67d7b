//! `respond`: what the webhook that started the run is answered, and the output of the run.

use minijinja::value::ValueKind;
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
        }).into(),
        output_schema: Some(json!({
            "type": "object",
            "required": ["status", "headers", "body"],
            "properties": {"status": {"type": "integer"}, "headers": {"type": "object"}, "body": {}},
        }).into()),
        ..NodeType::logic("respond", "Respond", "reply", Logic::Respond)
    }
}

/// The output is the whole answer; what the config leaves out is 200, no headers and null.
pub(super) fn execute(config: &Value) -> Result<StepOutput, String> {
    let given = |name: &str| {
        config
            .get_attr(name)
            .ok()
            .filter(|value| !value.is_undefined())
    };
    let status = given("status").unwrap_or_else(|| Value::from(200));
    let number = i64::try_from(status.clone())
        .ok()
        .filter(|status| (200..=599).contains(status));
    let number = number.ok_or_else(|| {
        format!("`status` has to be a whole number from 200 to 599, not {status}")
    })?;
    let headers = match given("headers") {
        Some(headers) => header_texts(&headers)?,
        None => Vec::new(),
    };
    let answer = [
        ("status", Value::from(number)),
        ("headers", Value::from_pairs(headers)),
        ("body", given("body").unwrap_or_else(|| Value::from(()))),
    ];
    Ok(data_out(Value::from_pairs(answer)))
}

/// Headers as texts: an expression may have given a number.
fn header_texts(headers: &Value) -> Result<Vec<(Value, Value)>, String> {
    let pairs = (headers.kind() == ValueKind::Map)
        .then(|| headers.try_iter().ok())
        .flatten();
    let names = pairs.ok_or_else(|| format!("`headers` has to be an object, not {headers}"))?;
    Ok(names
        .map(|name| {
            (
                name.clone(),
                Value::from(headers.get_item(&name).unwrap_or_default().to_string()),
            )
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_may_have_given_something_else() {
        let status = |status: serde_json::Value| {
            execute(&crate::expression::from_json(&json!({"status": status})))
        };
        assert!(status(json!(204)).is_ok());
        for wrong in [
            json!("ok"),
            json!(99),
            json!(600),
            json!(200.5),
            json!(null),
        ] {
            assert!(status(wrong.clone()).is_err(), "{wrong}");
        }
        let headers = execute(&crate::expression::from_json(
            &json!({"headers": {"x-count": 7}}),
        ))
        .unwrap()
        .output;
        assert_eq!(
            crate::expression::to_json(&headers.get_attr("headers").unwrap()),
            Ok(r#"{"x-count":"7"}"#.to_owned())
        );
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let answer = |config| {
            let output = execute(&crate::expression::from_json(&config))
                .unwrap()
                .output;
            crate::expression::to_json(&output).unwrap()
        };
        insta::assert_snapshot!(answer(json!({})), @r#"{"status":200,"headers":{},"body":null}"#);
        insta::assert_snapshot!(
            answer(json!({"status": 201, "headers": {"x-a": "b"}, "body": [1]})),
            @r#"{"status":201,"headers":{"x-a":"b"},"body":[1]}"#
        );
    }
}
