//! Meta: posts and messages of a Facebook Page, and messages of WhatsApp.
//!
//! The provider `facebook` holds a Page's or a system user's token; the node `facebook` posts to a Page and sends messages by Messenger
//! and WhatsApp; the trigger `facebook-event` starts runs from what people write and do there. What is sent is held against what Meta's
//! own SDKs send: `src/fixtures` has that, and the script that captured it.

mod api;
mod event;
mod facebook;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("facebook", env!("CARGO_PKG_VERSION"))
        .description("Posts and messages of a Facebook Page, and messages of WhatsApp.")
        .provider(provider::provider())
        .operations(facebook::operations())
        .webhook::<event::Happened>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::prelude::*;
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest, Stage};

    /// An app whose version of the API is that of Meta's SDKs.
    pub(crate) fn connected(stage: Stage) -> Stage {
        let settings = json!({"version": "v24.0", "businessAccountId": "102290129340398"});
        stage.connected_app("facebook", &settings)
    }

    /// Holds a request to what Meta's own SDKs send. Their token is in the query, or is the host's header.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let has_body = captured.request(name)["body"] != Value::Null;
        let headers: &[&str] = if has_body { &["content-type"] } else { &[] };
        captured.assert_sent(name, request, "https://graph.facebook.com", headers);
        // It would be sent twice.
        assert!(!request.repeatable);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(super::plugin, "facebook", &["send_message", "create_post"]);
    }
}
