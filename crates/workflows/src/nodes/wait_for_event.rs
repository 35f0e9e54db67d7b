//! `wait-for-event`: goes on when something happens.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{NodeType, Port, Wait, wait};
use crate::definition::{DATA_OUT, TIMEOUT};

/// The config member that is looked at per event, and not when the node is executed.
pub(crate) const FILTER: &str = "filter";

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Waits for an event of a type. Events count from the beginning of the step before on, so that one that \
                      comes quicker than expected is not missed."
            .to_owned(),
        outputs: vec![
            Port::new(DATA_OUT, "The event."),
            Port::new(TIMEOUT, "Taken when no such event came in time."),
            Port::error(),
        ],
        config_schema: json!({
            "type": "object",
            "required": ["type"],
            "additionalProperties": false,
            "properties": {
                "type": {"type": "string", "minLength": 1, "maxLength": 200, "title": "Event type", "description": "For example payment_intent.succeeded."},
                "correlation": {
                    "type": "object", "title": "Correlation", "required": ["field", "value"], "additionalProperties": false,
                    "description": "Which of many such events is meant: one whose data has this value. Runs that wait for another value are not even looked at.",
                    "properties": {
                        "field": {"type": "string", "minLength": 1, "title": "Field", "description": "A member of the event's data, with dots between the names: order.id."},
                        "value": {"title": "Value", "description": "What it has to be: {{ trigger.body.order }}."},
                    },
                },
                "filter": {
                    "title": "Filter",
                    "description": "An expression over the event, which has to hold: {{ event.data.amount > 100 }}. In scope are event (id, type, data, occurredAt) and what every expression sees.",
                },
                "timeout": wait::timeout_schema(),
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "id": {"type": "string"}, "type": {"type": "string"}, "data": {}, "occurredAt": {"type": "string", "format": "date-time"},
            },
        }).into()),
        ..NodeType::wait("wait-for-event", "Wait for event", "radio", Wait::Event)
    }
}

/// What an evaluated config asks for, without its filter.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    #[serde(rename = "type")]
    pub event_type: String,
    #[serde(default)]
    pub correlation: Option<Correlation>,
}

/// A member of an event's data, and what it has to be.
#[derive(Debug, Deserialize)]
pub(crate) struct Correlation {
    pub field: String,
    pub value: Json,
}

/// Reads an evaluated config; the error is a sentence about it.
pub(crate) fn read(config: &Json) -> Result<Wanted, String> {
    Wanted::deserialize(config).map_err(|error| format!("config: {error}"))
}
