//! `approval`: asks a person.

use serde_json::json;

use super::{NodeType, Port, Wait, wait};
use crate::definition::TIMEOUT;

/// The way when the answer is yes.
pub(crate) const APPROVED: &str = "approved";

/// The way when the answer is no.
pub(crate) const REJECTED: &str = "rejected";

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Waits until a person says yes or no: by the link {{ run.approvals.<key> }}, which any step may send \
                      before and which needs no other credential, or by the mutation decideApproval."
            .to_owned(),
        outputs: vec![
            Port::new(APPROVED, "Taken when the answer is yes."),
            Port::new(REJECTED, "Taken when the answer is no."),
            Port::new(TIMEOUT, "Taken when nobody has answered in time."),
            Port::error(),
        ],
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "message": {"type": "string", "title": "Message", "description": "What the person is asked; shown on the page behind the link."},
                "timeout": wait::timeout_schema(),
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "decision": {"enum": ["APPROVED", "REJECTED"]}, "comment": {"type": ["string", "null"]},
                "decidedBy": {"type": "string"}, "decidedAt": {"type": "string", "format": "date-time"},
            },
        }).into()),
        ..NodeType::wait("approval", "Approval", "user-check", Wait::Approval)
    }
}
