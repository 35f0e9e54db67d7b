//! `fail`: ends the run, or the item, with an error of the workflow's own.

use serde_json::json;

use super::{Logic, NodeType};
use crate::expression::{Value, to_json};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Fails with a message: the run, or within a `for-each` the item.".to_owned(),
        outputs: vec![],
        config_schema: json!({
            "type": "object",
            "required": ["message"],
            "additionalProperties": false,
            "properties": {"message": {"title": "Message", "description": "Why; the message of the error."}},
        }).into(),
        ..NodeType::logic("fail", "Fail", "octagon-x", Logic::Fail)
    }
}

/// The message of an evaluated config.
pub(super) fn message(config: &Value) -> String {
    let message = config.get_attr("message").unwrap_or_default();
    match message.as_str() {
        Some(text) => text.to_owned(),
        None => to_json(&message).unwrap_or_else(|error| error),
    }
}
