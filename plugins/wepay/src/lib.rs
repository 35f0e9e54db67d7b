//! Payments through WePay: the node `wepay` charges and refunds.
//!
//! WePay has no SDK for its API 3.x, so nothing was captured: requests and answers are those of its documentation.

mod api;
mod provider;
mod wepay;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("wepay", env!("CARGO_PKG_VERSION"))
        .description("Charges and refunds through WePay.")
        .provider(provider::provider())
        .operations(wepay::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(super::plugin, "wepay", &["charge", "refund"]);
    }
}
