//! `set`: computes named values.

use serde_json::json;

use super::{Logic, NodeType, data_out};
use crate::expression::{StepOutput, Value};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Computes values that later nodes read as steps.<key>.output.<name>."
            .to_owned(),
        config_schema: json!({
            "type": "object",
            "required": ["values"],
            "additionalProperties": false,
            "properties": {
                "values": {
                    "type": "object",
                    "title": "Values",
                    "description": "Any JSON by name; strings may hold expressions.",
                },
            },
        })
        .into(),
        output_schema: Some(json!({"type": "object"}).into()),
        ..NodeType::logic("set", "Set values", "braces", Logic::Set)
    }
}

/// The output is the object of values.
pub(super) fn execute(config: &Value) -> StepOutput {
    data_out(config.get_attr("values").unwrap_or_default())
}
