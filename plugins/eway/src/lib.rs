//! Payments through eWay's Rapid API: the node `eway` charges and refunds.
//!
//! What is sent is held against what eWay's own SDK sends: `src/fixtures` has that, and the script that captured it. `codes.txt` there
//! is what that SDK knows of the codes in answers, and is a part of the plugin.

mod api;
mod eway;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("eway", env!("CARGO_PKG_VERSION"))
        .description("Charges and refunds through eWay.")
        .provider(provider::provider())
        .operations(eway::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::prelude::*;
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what eWay's own SDK sends.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let has_body = captured.request(name)["body"] != Value::Null;
        let headers: &[&str] = if has_body { &["content-type"] } else { &[] };
        captured.assert_sent(name, request, "https://api.ewaypayments.com", headers);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(super::plugin, "eway", &["charge", "refund"]);
    }
}
