use serde::{Deserialize, Serialize};

/// List what an account has of a kind, such as its sender addresses: [`ResourceQuery`] → [`Resources`]. The call names the
/// provider.
pub const RESOURCE_LIST: &str = "resource.list";
/// Ask the provider whether a resource may be used: [`ResourceRef`] → [`ResourceVerified`]. The call names the provider.
pub const RESOURCE_VERIFY: &str = "resource.verify";

/// The arguments of `resource.list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceQuery {
    /// A `resourceType` of the provider's manifest.
    pub resource_type: String,
    /// The `cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// The result of `resource.list`: one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// In the provider's order.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Present when there are more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Something that an account owns and nodes refer to, such as a phone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// What the provider calls it, e.g. `+15551230000`.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// Whether it may be used.
    pub status: ResourceStatus,
    /// Whether the provider uses it when nothing else is said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default: bool,
}

/// Whether a resource may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResourceStatus {
    /// It may.
    Verified,
    /// The provider has not decided yet.
    Pending,
    /// It may not.
    Failed,
}

/// The arguments of `resource.verify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceRef {
    /// A `resourceType` of the provider's manifest.
    pub resource_type: String,
    /// What the provider calls it.
    pub value: String,
}

/// The result of `resource.verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceVerified {
    /// Whether it may be used.
    pub status: ResourceStatus,
    /// What is missing, or what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
