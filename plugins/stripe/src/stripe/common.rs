use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use serde_json::Number;

/// What all operations that make something have in common.
#[derive(Config, Body)]
pub(super) struct Common {
    /// What goes with it in Stripe, to be found there and in its events; at most 50 entries.
    #[field(advanced, widget = "key-value")]
    metadata: Option<BTreeMap<String, Scalar>>,
    /// Acts for this account of Stripe Connect, in place of the one in the connected app's settings.
    #[field(advanced, skip, label = "Connected account", placeholder = "acct_…")]
    account: Option<String>,
}

impl Common {
    pub(super) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

/// A value that Stripe keeps as a text.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Number(Number),
    Flag(bool),
}
