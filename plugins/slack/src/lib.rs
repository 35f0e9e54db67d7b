//! Slack: the node `slack` sends messages, creates channels and reacts to messages; the trigger `slack-event` starts runs from
//! what happens in a workspace.

mod api;
mod channel;
mod event;
mod message_link;
mod provider;
mod slack;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("slack", env!("CARGO_PKG_VERSION"))
        .description("Messages, channels and reactions in Slack, and what happens there.")
        .provider(provider::provider())
        .operations(slack::operations())
        .webhook::<event::SlackEvent>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what Slack's own SDK sends.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        captured.assert_sent(name, request, "https://slack.com", &["content-type"]);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(
            super::plugin,
            "slack",
            &["send_message", "create_channel", "add_reaction"],
        );
    }
}
