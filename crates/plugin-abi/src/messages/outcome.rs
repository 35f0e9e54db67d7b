use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How a call ended: the output and the port that it leaves through.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// One of the node's output ports.
    pub port: String,
    /// What leaves through it.
    pub output: Box<RawValue>,
    /// Present when trying again can give a better outcome, such as after a 503: a node with a retry policy is tried again,
    /// and when its tries are used up, or when it has none, the output leaves through the port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
}

/// That another try is worth it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    /// Milliseconds to wait before it, when the other side asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
}
