//! Payments through Authorize.net: the node `authorize-net` charges and refunds, the trigger `authorize-net-event` starts from what
//! Authorize.net tells.
//!
//! Authorize.net takes credentials in the body of each request and nowhere else, so this plugin asks for `secret.reveal`. What is sent is
//! held against what Authorize.net's own SDK sends: `src/fixtures` has that, and the script that captured it.

mod api;
mod authorize_net;
mod event;
mod message;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("authorize-net", env!("CARGO_PKG_VERSION"))
        .description("Charges and refunds through Authorize.net, and what happens there.")
        // The login ID and the transaction key, which Authorize.net takes in the body only.
        .reveals_secrets()
        .provider(provider::provider())
        .operations(authorize_net::operations())
        .webhook::<event::Happened>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::prelude::*;
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest, Stage};

    /// An app whose credentials the plugin is shown.
    pub(crate) fn connected(stage: Stage, settings: &Value) -> Stage {
        let stage = stage.connected_app("authorize-net", settings);
        stage
            .secret("loginId", "login-1")
            .secret("transactionKey", "key-1")
    }

    /// Holds a request to what Authorize.net's own SDK sends, in the same order.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let base = "https://api2.authorize.net";
        captured.assert_sent(name, request, base, &["content-type"]);
        assert_eq!(captured.request(name)["text"], request.text());
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(super::plugin, "authorize-net", &["charge", "refund"]);
    }
}
