use serde::{Deserialize, Serialize};

/// What the host tells a plugin about itself before anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HostInfo {
    /// The host's name, e.g. `jackfield`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it can do; see [`feature`].
    #[serde(default)]
    pub features: Vec<String>,
    /// What it takes.
    #[serde(default)]
    pub limits: Limits,
}

/// The host's limits. A plugin that exceeds one gets the error `TOO_LARGE` or is refused by the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Limits {
    /// Most bytes of JSON in a frame.
    pub frame_json_bytes: u64,
    /// Most attached bytes in a frame.
    pub frame_bin_bytes: u64,
    /// Most effects of one call that may be outstanding.
    pub outstanding_effects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let caps = crate::frame::Caps::default();
        Self {
            frame_json_bytes: caps.json as u64,
            frame_bin_bytes: caps.bin as u64,
            outstanding_effects: 1024,
        }
    }
}

/// Names in [`HostInfo::features`] and [`Manifest::requires`](super::Manifest::requires). A plugin that requires what the
/// host has not is refused when it is loaded, with the name as the reason.
pub mod feature {
    /// Every effect of ABI minor 0: http.request, sleep, log, now, random, hmac.verify, blob.read, progress.
    pub const EFFECTS_V1: &str = "effects/1";
    /// The operations besides `node.execute`: trigger.poll, webhook.receive, options.load, credential.test, resource.list,
    /// resource.verify.
    pub const OPERATIONS_V1: &str = "operations/1";
    /// The effect secret.reveal, which the operator may still refuse.
    pub const SECRET_REVEAL_V1: &str = "secret.reveal/1";
}
