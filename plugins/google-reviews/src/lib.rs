//! Google's reviews: the node `google-reviews` reads what a place is rated and what people say of it, and, as its owner, all reviews of
//! a location.
//!
//! What is sent is held against what Google's own SDKs send: `src/fixtures` has that, and the script that captured it. The reviews of
//! owners are in none of them; they are as Google's documentation has them.

mod api;
mod google_reviews;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("google-reviews", env!("CARGO_PKG_VERSION"))
        .description("Ratings and reviews of places at Google, and of one's own locations.")
        .provider(provider::provider())
        .operations(google_reviews::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::prelude::*;
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what Google's own SDKs send to this host.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, host: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let base = format!("https://{host}.googleapis.com");
        let headers: &[&str] = match host {
            "places" => &["x-goog-fieldmask"],
            _ => &[],
        };
        captured.assert_sent(name, request, &base, headers);
        assert_eq!(request.credential.as_deref(), Some("default"));
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        let plugin = super::plugin();
        let node = &plugin.manifest().nodes[0];
        assert_eq!(node.node_type, "google-reviews");
        assert_eq!(
            node.config_schema["properties"]["operation"]["enum"],
            json!(["get_rating", "list_reviews"])
        );
        let ports: Vec<&str> = node.outputs.iter().map(|port| port.name.as_str()).collect();
        assert_eq!(ports, ["data-out", "error"]);
    }
}
