use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What `open` receives: the call to run.
///
/// Config, input and settings pass through the host as they are; only the plugin looks into them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Call<'a> {
    /// The operation, e.g. [`node.execute`](super::NODE_EXECUTE). A plugin answers one that it does not know with the error
    /// [`UNSUPPORTED`](super::code::UNSUPPORTED).
    #[serde(borrow)]
    pub op: Cow<'a, str>,
    /// The node type, as in the manifest; empty (absent on the wire) for an operation of a provider.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub node: Cow<'a, str>,
    /// The provider, as in the manifest; for an operation of a provider.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Cow<'a, str>>,
    /// The node's config with its expressions evaluated; `{}` when there is no node.
    #[serde(borrow)]
    pub config: &'a RawValue,
    /// The arguments of the operation. Of [`node.execute`](super::NODE_EXECUTE): what came in through the input port.
    #[serde(borrow)]
    pub input: &'a RawValue,
    /// The credentials that the plugin may refer to; never their values.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<CredentialSlot<'a>>,
    /// 1 for the first try, then 2, 3 ….
    pub attempt: u32,
    /// The same for every attempt of this step and for no other step.
    #[serde(borrow)]
    pub idempotency_key: Cow<'a, str>,
    /// Milliseconds until the host gives the call up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Where the call comes from; absent when it does not belong to a run.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunInfo<'a>>,
}

/// A credential that a plugin may name in a request. The host injects it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CredentialSlot<'a> {
    /// The name to refer to it by: `default` is the node's connected app.
    #[serde(borrow)]
    pub slot: Cow<'a, str>,
    /// The provider that it belongs to.
    #[serde(borrow)]
    pub provider: Cow<'a, str>,
    /// The connected app's settings, which are no secrets.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<&'a RawValue>,
}

impl CredentialSlot<'_> {
    /// The slot of the node's connected app.
    pub const DEFAULT: &'static str = "default";
}

/// The run that a call belongs to, for log lines and user agents.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunInfo<'a> {
    /// The workflow's id, `wf_…`.
    #[serde(borrow)]
    pub workflow_id: Cow<'a, str>,
    /// The run's id, `run_…`.
    #[serde(borrow)]
    pub run_id: Cow<'a, str>,
    /// The node's key in the workflow.
    #[serde(borrow)]
    pub node_key: Cow<'a, str>,
}
