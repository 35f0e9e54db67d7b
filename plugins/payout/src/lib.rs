//! Payouts to workers and contractors: the node `payout` deposits money by Stripe Connect, sends checks by Lob or Checkbook, or has an
//! endpoint of one's own pay.
//!
//! The provider `payout` has a scheme of credentials for each of them. What is sent is held against what their SDKs send:
//! `src/fixtures` has that, and the script that captured it.

mod money;
mod payout;
mod provider;
mod service;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("payout", env!("CARGO_PKG_VERSION"))
        .description("Payouts to workers and contractors: direct deposits, checks, or by an endpoint of your own.")
        .provider(provider::provider())
        .node::<payout::Payout>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::prelude::*;
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what the service's own SDK sends.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, base: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        // Stripe's SDK says of a body what it is where there is none, too.
        let headers: &[&str] = match captured.request(name)["body"].is_array() {
            true => &["stripe-version", "stripe-account", "content-type"],
            false => &["stripe-version", "stripe-account"],
        };
        captured.assert_sent(name, request, base, headers);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        let plugin = super::plugin();
        let node = &plugin.manifest().nodes[0];
        assert_eq!(node.node_type, "payout");
        assert_eq!(
            node.config_schema["properties"]["method"]["enum"],
            json!(["direct_deposit", "check", "other"])
        );
        let ports: Vec<&str> = node.outputs.iter().map(|port| port.name.as_str()).collect();
        assert_eq!(ports, ["data-out", "error"]);
    }
}
