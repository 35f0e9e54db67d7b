//! `debug`: shows a message in the history of the run.

use serde_json::json;

use super::{Logic, NodeType, data_out};
use crate::expression::{StepOutput, Value};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description:
            "Keeps a message in the history of the run, to see what the data was at this point."
                .to_owned(),
        config_schema: json!({
            "type": "object",
            "required": ["message"],
            "additionalProperties": false,
            "properties": {
                "message": {"title": "Message", "description": "Any JSON; strings may hold expressions."},
            },
        }).into(),
        output_schema: Some(
            json!({"type": "object", "required": ["message"], "properties": {"message": {}}}).into(),
        ),
        ..NodeType::logic("debug", "Debug", "bug", Logic::Debug)
    }
}

/// The output holds the message.
pub(super) fn execute(config: &Value) -> StepOutput {
    let message = config.get_attr("message").unwrap_or_default();
    data_out(Value::from_pairs([("message", message)]))
}
