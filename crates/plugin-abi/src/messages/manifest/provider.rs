use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Injection;

/// Somebody whose API needs credentials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProviderManifest {
    /// What connected apps call it: lower case letters, digits and hyphens, unique on a host.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// The hosts that its credentials may be sent to: `api.stripe.com`, `*.api.mailchimp.com`, or `*` for any.
    pub hosts: Vec<String>,
    /// The ways to authenticate, of which a connected app uses one.
    pub schemes: Vec<SchemeManifest>,
    /// Its icon, the text of an SVG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Whether the plugin answers `credential.test`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credential_test: bool,
    /// What an account has that nodes refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceManifest>,
    /// What the provider sends on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookManifest>,
}

/// A kind of thing that an account has and nodes refer to, such as phone numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceManifest {
    /// What operations call it: lower case letters, digits, hyphens and underscores, unique in the provider.
    pub resource_type: String,
    /// What people call it.
    pub name: String,
    /// What it is, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// The channel that messages are sent on from it: `email` or `sms`. A host takes no notice of what it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Most of them that a connected app may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// What its values look like: `email`, `e164` (a phone number such as `+15551230000`) or `https-url`. A host checks what
    /// it knows and takes no notice of what it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// A regular expression that its values match, as JSON Schema's `pattern`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Whether the plugin answers `resource.list` for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub list: bool,
    /// Whether the plugin answers `resource.verify` for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verify: bool,
}

/// What a provider sends on its own; the plugin answers `webhook.receive`, unless the host verifies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookManifest {
    /// What it can tell of.
    #[serde(default)]
    pub event_types: Vec<WebhookEventType>,
    /// How to set it up at the provider, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// The host checks the signatures itself, by the scheme that it has built in under the provider's name or one that an operator
    /// chose. `webhook.receive` of the provider is then never called, and triggers are handed only what was found to be genuine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified_by_host: bool,
}

/// A kind of event that a provider tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookEventType {
    /// The provider's name for it, e.g. `invoice.paid`.
    pub name: String,
    /// When it is sent.
    #[serde(default)]
    pub description: String,
}

/// A way to authenticate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SchemeManifest {
    /// The value of `scheme` in the credentials. A provider with one scheme may omit it there.
    pub scheme: String,
    /// What people call it.
    pub title: String,
    /// JSON Schema (2020-12) of the credentials without `scheme`. Secrets have `"writeOnly": true`.
    pub schema: Value,
    /// What the host does to a request that names the credential; all that apply, in order.
    pub injection: Vec<Injection>,
}
