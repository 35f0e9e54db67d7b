//! The operations besides the execution of a node: typed arguments in, checked results out.
//!
//! Each is a call like any other, with the same effects, limits and errors. One that the plugin's manifest does not offer
//! is refused without calling it.

mod ask;
mod offered;
mod result;

use std::time::Duration;

use jackfield_plugin_abi::messages::{Call, CredentialSlot};
use serde_json::value::RawValue;

/// Whom an operation is asked of, and on whose behalf.
#[derive(Clone, Debug)]
pub struct Operation<'a> {
    /// The node type; empty for an operation of a provider.
    pub node: &'a str,
    /// The provider, for one of a provider.
    pub provider: Option<&'a str>,
    /// The node's config.
    pub config: &'a RawValue,
    /// The credentials that the plugin may refer to.
    pub credentials: Vec<CredentialSlot<'a>>,
    /// The same for every attempt of the same thing, and for nothing else.
    pub idempotency_key: &'a str,
    /// How long the plugin is told that it has. Giving up after it is the caller's.
    pub timeout: Option<Duration>,
}

/// A request that a provider sent.
#[derive(Clone, Copy, Debug)]
pub struct IncomingRequest<'a> {
    /// In capitals.
    pub method: &'a str,
    /// The whole URL that the provider called.
    pub url: &'a str,
    /// In the order received, names in lower case.
    pub headers: &'a [(String, String)],
    /// The raw body.
    pub body: &'a [u8],
}

impl<'a> Operation<'a> {
    /// An operation of a node, with its config.
    pub fn of_node(node: &'a str, config: &'a RawValue) -> Self {
        Self {
            node,
            provider: None,
            config,
            credentials: Vec::new(),
            idempotency_key: "",
            timeout: None,
        }
    }

    /// An operation of a provider.
    pub fn of_provider(provider: &'a str) -> Self {
        Self {
            provider: Some(provider),
            ..Self::of_node("", empty())
        }
    }

    fn call(&self, op: &'static str, input: &'a RawValue) -> Call<'a> {
        Call {
            op: op.into(),
            node: self.node.into(),
            provider: self.provider.map(Into::into),
            config: self.config,
            input,
            credentials: self.credentials.clone(),
            attempt: 1,
            idempotency_key: self.idempotency_key.into(),
            timeout_ms: self
                .timeout
                .map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)),
            run: None,
        }
    }
}

/// `{}`
fn empty() -> &'static RawValue {
    serde_json::from_str("{}").unwrap_or(RawValue::NULL)
}
