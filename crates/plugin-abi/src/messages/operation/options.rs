use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Load the choices of a config field from the provider: [`OptionsQuery`] → [`Options`]. The call names the node; its config
/// is what the user has filled in so far, which need not be valid.
pub const OPTIONS_LOAD: &str = "options.load";

/// The arguments of `options.load`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OptionsQuery {
    /// One of the node's `optionSources`.
    pub source: String,
    /// What the user typed to narrow them down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The `cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// The result of `options.load`: one page of choices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// In the order in which to show them.
    #[serde(default)]
    pub options: Vec<OptionChoice>,
    /// Present when there are more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OptionChoice {
    /// What the config field is set to: any JSON that its schema takes.
    pub value: Value,
    /// What people read.
    pub label: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
