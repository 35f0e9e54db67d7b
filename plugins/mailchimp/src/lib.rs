//! Keeps audiences of Mailchimp, and tells what happens in them.
//!
//! The provider `mailchimp` holds an API key; the node `mailchimp` adds and changes members of audiences, tags them and sends campaigns;
//! the trigger `mailchimp-event` starts runs when somebody subscribes, unsubscribes or changes something. What is sent is held against
//! what Mailchimp's own SDK sends: `src/fixtures` has that, and the script that captured it.

mod account;
mod event;
mod mailchimp;
mod options;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("mailchimp", env!("CARGO_PKG_VERSION"))
        .description("Keeps audiences of Mailchimp, and tells what happens in them.")
        // The server prefix, which is a part of every address. It is no secret, but it is kept with those.
        .reveals_secrets()
        .provider(provider::provider())
        .operations(mailchimp::operations())
        .webhook::<event::Happened>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::prelude::*;
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest, Stage};

    /// An app whose server the plugin is shown.
    pub(crate) fn connected(stage: Stage) -> Stage {
        let stage = stage.connected_app("mailchimp", &json!({}));
        stage.secret("server", "us21")
    }

    /// Holds a request to what Mailchimp's own SDK sends.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let has_body = captured.request(name)["body"] != Value::Null;
        let headers: &[&str] = if has_body { &["content-type"] } else { &[] };
        let base = "https://us21.api.mailchimp.com";
        captured.assert_sent(name, request, base, headers);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(
            super::plugin,
            "mailchimp",
            &["upsert_member", "add_tags", "send_campaign"],
        );
    }
}
