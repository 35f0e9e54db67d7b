//! `manual`: starts a run when a person or a program asks for it.

use serde_json::json;

use super::{NodeType, Trigger};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Starts a run when startRun is called; its input is the trigger's body."
            .to_owned(),
        config_schema: json!({"type": "object", "additionalProperties": false}).into(),
        ..NodeType::trigger("manual", "Manual start", "play", Trigger::Manual)
    }
}
