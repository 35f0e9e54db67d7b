use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Model, TriggerKind};
use crate::ids::ConnectedAppId;

/// What is kept of a trigger that a plugin brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginTrigger {
    /// The type of the node.
    pub node_type: String,
    /// Its config.
    pub config: Map<String, Value>,
    /// The app that the node names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<ConnectedAppId>,
    /// The provider whose default app it uses when it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether it cannot do without one.
    #[serde(default)]
    pub needs_app: bool,
    /// The provider's names of the events that it takes; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_types: Vec<String>,
}

impl Model {
    /// What is kept of a trigger of a plugin; none of any other, or when it cannot be read.
    pub fn plugin(&self) -> Option<PluginTrigger> {
        match self.kind {
            TriggerKind::Plugin | TriggerKind::Poll => self.config.parse().ok(),
            _ => None,
        }
    }
}
