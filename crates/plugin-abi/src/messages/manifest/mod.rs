mod example;
mod injection;
mod node;
mod provider;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use example::{Example, ExampleError, ExampleExchange, ExampleRequest, ExampleResponse};
pub use injection::{Injection, TokenExchange, When};
pub use node::{NodeManifest, PollTrigger, Port, Trigger, WebhookTrigger, port};
pub use provider::{
    ProviderManifest, ResourceManifest, SchemeManifest, WebhookEventType, WebhookManifest,
};

/// What `describe` writes: everything the host needs to know about a plugin before it calls it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The plugin's name: lower case letters, digits and hyphens.
    pub name: String,
    /// Its own version, SemVer.
    pub version: String,
    /// One or two sentences.
    #[serde(default)]
    pub description: String,
    /// The node types that it brings.
    #[serde(default)]
    pub nodes: Vec<Arc<NodeManifest>>,
    /// The providers whose credentials it uses.
    #[serde(default)]
    pub providers: Vec<Arc<ProviderManifest>>,
    /// Features of the host without which it cannot work, such as `effects/1`; see [`feature`](super::feature).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// What the plugin itself can do beyond ABI minor 0, by name. A host looks here before it relies on it and ignores
    /// what it does not know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Every host that it wants to reach, which an operator grants: `api.stripe.com`, `*.api.mailchimp.com`, or `*` for
    /// any. Absent means the hosts of its providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// What it wants to do that an operator has to grant, such as `secret.reveal`; see [`capability`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// Its licence, an SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where to read more, an `https` URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Its icon, the text of an SVG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Translations: for each language (BCP 47, such as `de` or `pt-BR`) the texts by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locales: BTreeMap<String, BTreeMap<String, String>>,
}

/// Names in [`Manifest::capabilities`]. A host refuses a plugin that asks for one that it does not know.
pub mod capability {
    /// The effect `secret.reveal`: the plugin reads fields of the credentials that a call brings, in the clear.
    pub const SECRET_REVEAL: &str = "secret.reveal";

    /// Every capability of this ABI.
    pub const ALL: [&str; 1] = [SECRET_REVEAL];
}
