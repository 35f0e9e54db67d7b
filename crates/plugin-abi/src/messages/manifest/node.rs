use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Example;

/// A node type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodeManifest {
    /// What definitions call it: lower case letters, digits and hyphens, unique on a host.
    #[serde(rename = "type")]
    pub node_type: String,
    /// What people call it.
    pub name: String,
    /// What it does, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// Where an editor lists it, e.g. `integration`.
    pub category: String,
    /// The name of an icon, e.g. `globe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// The provider whose connected app fills the slot `default`; none when the node has no use for credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether the node cannot work without a connected app of `provider`.
    #[serde(default)]
    pub provider_required: bool,
    /// Where data comes in.
    pub inputs: Vec<Port>,
    /// Where it leaves.
    pub outputs: Vec<Port>,
    /// JSON Schema (2020-12) of the config, with editor hints in `x-jackfield` members.
    pub config_schema: Arc<Value>,
    /// JSON Schema of what leaves through `data-out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Arc<Value>>,
    /// What makes it start runs; absent for a node that is a step of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// How to use it, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// What it does with what, for its documentation; they can be run as tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// The names that `options.load` knows. A config field refers to one in its `x-jackfield` hints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub option_sources: Vec<String>,
}

/// What makes a trigger node start runs: `{"poll":{…}}` or `{"webhook":{…}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase")
)]
pub enum Trigger {
    /// The host asks with `trigger.poll`.
    Poll(PollTrigger),
    /// The provider sends requests, which the host hands over with `webhook.receive`.
    Webhook(WebhookTrigger),
    /// One that this side does not know, by name. A host refuses the plugin.
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown(String),
}

/// A trigger that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PollTrigger {
    /// Seconds between two polls unless the workflow says otherwise.
    pub interval_seconds: u32,
    /// The least that a workflow may say; `intervalSeconds` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_interval_seconds: Option<u32>,
}

impl PollTrigger {
    /// The least number of seconds between two polls that a workflow may say.
    pub fn least_seconds(&self) -> u32 {
        self.min_interval_seconds.unwrap_or(self.interval_seconds)
    }
}

/// A trigger that is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookTrigger {
    /// The event types that it takes, of those of its provider's webhook; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_types: Vec<String>,
}

impl Trigger {
    /// Its name on the wire.
    pub fn kind(&self) -> &str {
        match self {
            Self::Poll(_) => "poll",
            Self::Webhook(_) => "webhook",
            Self::Unknown(kind) => kind,
        }
    }
}

impl Serialize for Trigger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Poll(poll) => map.serialize_entry(self.kind(), poll)?,
            Self::Webhook(webhook) => map.serialize_entry(self.kind(), webhook)?,
            Self::Unknown(kind) => map.serialize_entry(kind, &serde_json::Map::new())?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Trigger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            poll: Option<PollTrigger>,
            webhook: Option<WebhookTrigger>,
            #[serde(flatten)]
            others: BTreeMap<String, IgnoredAny>,
        }
        let members = Members::deserialize(deserializer)?;
        if let Some(poll) = members.poll {
            return Ok(Self::Poll(poll));
        }
        if let Some(webhook) = members.webhook {
            return Ok(Self::Webhook(webhook));
        }
        let unknown = members.others.into_keys().next();
        Ok(Self::Unknown(unknown.unwrap_or_default()))
    }
}

/// Where an edge begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// What edges call it.
    pub name: String,
    /// What passes through it.
    #[serde(default)]
    pub description: String,
}

/// The ports that most nodes have.
pub mod port {
    /// The input port.
    pub const DATA_IN: &str = "data-in";
    /// The output port for what a node is for.
    pub const DATA_OUT: &str = "data-out";
    /// The output port for what went wrong.
    pub const ERROR: &str = "error";
}
