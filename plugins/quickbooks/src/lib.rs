//! QuickBooks Online: the node `quickbooks` creates invoices and customers, records payments and reads what has changed; the trigger
//! `quickbooks-event` starts runs from what happens in a company.
//!
//! A person grants access to a company; its id comes back with the grant and is kept by the host. What is sent is held against what
//! the library node-quickbooks sends: `src/fixtures` has that, and the script that captured it.

mod api;
mod event;
mod provider;
mod query;
mod quickbooks;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("quickbooks", env!("CARGO_PKG_VERSION"))
        .description("Invoices, payments, customers and changes in QuickBooks Online, and what happens there.")
        .provider(provider::provider())
        .operations(quickbooks::operations())
        .webhook::<event::Changed>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what node-quickbooks sends. A key of the step is another on each side.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let base = "https://quickbooks.api.intuit.com";
        let mut request = request.clone();
        let has_key = captured.request(name)["query"]["requestid"].is_string();
        let key = request
            .query
            .iter_mut()
            .find(|(name, _)| name == "requestid");
        assert_eq!(key.is_some(), has_key, "requestid");
        assert_eq!(request.repeatable, has_key, "repeatable");
        if let Some((_, key)) = key {
            assert!(key.len() <= 50, "{key}");
            "key of the step".clone_into(key);
        }
        assert_eq!(request.header("accept"), Some("application/json"));
        captured.assert_sent(name, &request, base, &["content-type"]);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(
            super::plugin,
            "quickbooks",
            &[
                "create_invoice",
                "record_payment",
                "create_customer",
                "sync",
            ],
        );
    }
}
