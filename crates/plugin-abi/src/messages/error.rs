use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Why a call or an effect failed.
///
/// The message is for people, names no secret, and says what to do; programs look at `code` and `retryable`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallError {
    /// A stable name in capitals: one of [`code`], or the plugin's own.
    pub code: String,
    /// One or two sentences.
    pub message: String,
    /// Whether trying the same again can work.
    #[serde(default)]
    pub retryable: bool,
    /// Milliseconds to wait before that, when the other side asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What the provider itself said, for the `error` port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

impl CallError {
    /// An error that trying again does not mend.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            retryable: false,
            retry_after_ms: None,
            data: None,
        }
    }

    /// The same error, worth another try.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }
}

impl PartialEq for CallError {
    fn eq(&self, other: &Self) -> bool {
        let data = |error: &Self| error.data.as_ref().map(|data| data.get().to_owned());
        self.code == other.code
            && self.message == other.message
            && self.retryable == other.retryable
            && self.retry_after_ms == other.retry_after_ms
            && data(self) == data(other)
    }
}

impl Eq for CallError {}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for CallError {}

/// The codes that host and SDK use themselves.
pub mod code {
    /// The plugin does not know the operation or node, or the host does not know the effect.
    pub const UNSUPPORTED: &str = "UNSUPPORTED";
    /// The node's config is not what its schema says.
    pub const INVALID_CONFIG: &str = "INVALID_CONFIG";
    /// The node cannot work with its input.
    pub const INVALID_INPUT: &str = "INVALID_INPUT";
    /// An effect is not valid, such as a URL that is none.
    pub const INVALID_REQUEST: &str = "INVALID_REQUEST";
    /// A time limit passed.
    pub const TIMEOUT: &str = "TIMEOUT";
    /// The host cancelled the call.
    pub const CANCELLED: &str = "CANCELLED";
    /// A body, frame or list is larger than allowed.
    pub const TOO_LARGE: &str = "TOO_LARGE";
    /// The address may not be reached: it is private, or not granted to the plugin.
    pub const FORBIDDEN_ADDRESS: &str = "FORBIDDEN_ADDRESS";
    /// The name does not resolve.
    pub const DNS: &str = "DNS";
    /// No connection could be made, or it broke.
    pub const CONNECT: &str = "CONNECT";
    /// The TLS handshake failed.
    pub const TLS: &str = "TLS";
    /// The other side does not speak HTTP, or redirects without end.
    pub const PROTOCOL: &str = "PROTOCOL";
    /// The request names a credential slot that the node has not.
    pub const NO_CREDENTIAL: &str = "NO_CREDENTIAL";
    /// The credential cannot be used, or not towards this host.
    pub const CREDENTIAL: &str = "CREDENTIAL";
    /// The plugin may not reach this host: its operator has not granted it.
    pub const HOST_NOT_GRANTED: &str = "HOST_NOT_GRANTED";
    /// The plugin may not do this: its manifest does not ask for the capability, or its operator has not granted it.
    pub const CAPABILITY_NOT_GRANTED: &str = "CAPABILITY_NOT_GRANTED";
    /// The other side answered, but not with what the node expects.
    pub const UNEXPECTED_RESPONSE: &str = "UNEXPECTED_RESPONSE";
    /// The plugin made a mistake: it panicked, broke the protocol, or awaited something that is no host call.
    pub const PLUGIN_FAULT: &str = "PLUGIN_FAULT";
    /// The plugin's process ended during the call.
    pub const PLUGIN_CRASHED: &str = "PLUGIN_CRASHED";
    /// The plugin did not return in time, and its process was ended.
    pub const PLUGIN_TIMEOUT: &str = "PLUGIN_TIMEOUT";
    /// The plugin keeps crashing and is not called for a while.
    pub const PLUGIN_QUARANTINED: &str = "PLUGIN_QUARANTINED";
    /// No plugin that is loaded brings this node type or provider.
    pub const PLUGIN_MISSING: &str = "PLUGIN_MISSING";
    /// The host made a mistake.
    pub const INTERNAL: &str = "INTERNAL";
}
