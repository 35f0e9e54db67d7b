use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Ask a trigger node what is new: [`PollInput`] → [`Polled`]. The call names the node and carries its config.
pub const TRIGGER_POLL: &str = "trigger.poll";

/// The arguments of `trigger.poll`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PollInput {
    /// What the last poll returned; absent at the first, which commonly returns no events but where to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Box<RawValue>>,
    /// Most events to return.
    pub limit: u32,
}

/// The result of `trigger.poll`. The host stores events and cursor together, so that each event starts a run once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Polled {
    /// What is new, oldest first.
    #[serde(default)]
    pub events: Vec<TriggerEvent>,
    /// Where the next poll goes on: any JSON, which the host keeps and does not look into. Absent keeps the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Box<RawValue>>,
    /// There is more already: the host polls again at once instead of after the interval.
    #[serde(default)]
    pub more: bool,
}

/// Something that happened, which starts runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TriggerEvent {
    /// Names what happened at the provider, such as its event id. The host drops an event whose key it has seen.
    pub dedupe_key: String,
    /// The provider's name for the kind of event, e.g. `invoice.paid`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// What the run gets as its input.
    pub data: Box<RawValue>,
    /// When it happened, RFC 3339; absent means now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<String>,
}
