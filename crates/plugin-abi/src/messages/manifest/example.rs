use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a node does with a config and an input, told by the requests that it sends. Has an output or an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The node's config.
    pub config: Value,
    /// What comes in; null unless given.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub input: Value,
    /// The connected app's settings, where the node needs any; null unless given.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub settings: Value,
    /// What is sent and answered, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExampleExchange>,
    /// The port that the output leaves through; absent means `data-out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// What leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// How it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ExampleError>,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExampleExchange {
    /// What is sent.
    pub request: ExampleRequest,
    /// What comes back.
    pub response: ExampleResponse,
}

/// A request that an example sends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExampleRequest {
    /// In capitals, e.g. `GET`.
    pub method: String,
    /// Absolute, with its query.
    pub url: String,
    /// Headers that matter; the request may have others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// A string is the body as text, anything else is the body as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A response that an example gets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExampleResponse {
    /// 100 to 599.
    pub status: u16,
    /// Its headers; a body brings its content type unless there is one here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// A string is the body as text, anything else is the body as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

impl ExampleResponse {
    /// How long every response of an example takes, in milliseconds, so that an output that tells of it is the same
    /// wherever the example is run.
    pub const DURATION_MS: u64 = 12;
}

/// How an example fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExampleError {
    /// The code.
    pub code: String,
    /// What people read, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
