//! `merge`: brings branches together.

use serde_json::{Map, Value as Json, json};

use super::{Logic, NodeType, data_out};
use crate::definition::Join;
use crate::expression::{StepOutput, Value};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Goes on once all branches have come to their end, or as soon as one or so many have arrived. Branches \
                      that arrive later are not waited for, and their steps are recorded all the same."
            .to_owned(),
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "mode": {
                    "enum": ["all", "any", "n"], "default": "all", "title": "Mode",
                    "description": "`all`: once every branch has arrived or was not taken. `any`: with the first that arrives. `n`: with the nth.",
                },
                "n": {"type": "integer", "minimum": 1, "title": "How many", "description": "With mode `n`: how many branches have to arrive."},
            },
            "if": {"required": ["mode"], "properties": {"mode": {"const": "n"}}},
            "then": {"required": ["n"]},
        }).into(),
        output_schema: Some(json!({
            "type": "object", "description": "The outputs of the steps that have arrived, by their keys.",
        }).into()),
        ..NodeType::logic("merge", "Merge", "merge", Logic::Merge)
    }
}

/// How many branches have to arrive.
pub(super) fn join(config: &Map<String, Json>) -> Join {
    match config.get("mode").and_then(Json::as_str) {
        Some("any") => Join::Any,
        Some("n") => {
            let count = config.get("n").and_then(Json::as_u64).unwrap_or(1);
            Join::Some(u32::try_from(count).unwrap_or(u32::MAX))
        }
        _ => Join::All,
    }
}

/// The output holds what the steps before have returned, by their keys; an error when too few have arrived.
pub(crate) fn execute(join: Join, arrived: Vec<(&str, Value)>) -> Result<StepOutput, String> {
    if let Join::Some(count) = join
        && (arrived.len() as u64) < u64::from(count)
    {
        return Err(format!(
            "{} of the {count} branches arrived, the others were not taken",
            arrived.len()
        ));
    }
    Ok(data_out(Value::from_pairs(arrived)))
}
