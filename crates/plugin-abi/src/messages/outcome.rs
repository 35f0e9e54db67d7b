use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::port;

/// How a call ended: the output, which is the operation's result, and for a node the port that it leaves through.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// One of the node's output ports; `data-out` when absent.
    #[serde(default = "data_out")]
    pub port: String,
    /// What leaves through it, or the typed result of another operation.
    pub output: Box<RawValue>,
    /// Present when trying again can give a better outcome, such as after a 503: a node with a retry policy is tried again,
    /// and when its tries are used up, or when it has none, the output leaves through the port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
}

fn data_out() -> String {
    port::DATA_OUT.to_owned()
}

/// That another try is worth it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    /// Milliseconds to wait before it, when the other side asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
}
