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
    use jackfield_plugin_sdk::prelude::*;
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what Slack's own SDK sends. The order of a form says nothing.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let captured = captured.request(name);
        assert_eq!(request.credential.as_deref(), Some("default"));
        assert_eq!(request.method, captured["method"].as_str().unwrap());
        let path = captured["path"].as_str().unwrap();
        assert_eq!(request.url, format!("https://slack.com{path}"));
        assert_eq!(json!(request.query), captured["query"]);
        assert_eq!(
            request.header("content-type"),
            captured["headers"]["content-type"].as_str()
        );
        let expected: Vec<(String, String)> =
            serde_json::from_value(captured["body"].clone()).unwrap();
        assert_eq!(sorted(form(request)), sorted(expected));
    }

    pub(crate) fn form(request: &SentRequest) -> Vec<(String, String)> {
        form_urlencoded::parse(&request.body).into_owned().collect()
    }

    fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
        pairs.sort();
        pairs
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        let plugin = super::plugin();
        let node = &plugin.manifest().nodes[0];
        assert_eq!(node.node_type, "slack");
        assert_eq!(
            node.config_schema["properties"]["operation"]["enum"],
            json!(["send_message", "create_channel", "add_reaction"])
        );
        let ports: Vec<&str> = node.outputs.iter().map(|port| port.name.as_str()).collect();
        assert_eq!(ports, ["data-out", "error"]);
    }
}
