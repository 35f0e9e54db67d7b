//! Payments through Tap: the node `tap` charges and refunds, the trigger `tap-event` starts from what Tap tells.
//!
//! Tap has no SDK for servers that is kept up, so nothing was captured: requests and answers are those of its documentation.

mod api;
mod event;
mod provider;
mod tap;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("tap", env!("CARGO_PKG_VERSION"))
        .description("Charges and refunds through Tap Payments, and what happens there.")
        .provider(provider::provider())
        .operations(tap::operations())
        .webhook::<event::Happened>()
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
        testing::offers(super::plugin, "tap", &["charge", "refund"]);
    }
}
