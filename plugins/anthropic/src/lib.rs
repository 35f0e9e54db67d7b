//! Content written by Claude, through Anthropic's API.
//!
//! The provider `anthropic` holds an API key, and as its one resource the model that content is written with unless a workflow names
//! another. The node `anthropic` generates content. What is sent is held against what Anthropic's own SDK sends: `src/fixtures` has
//! that, and the script that captured it.

mod anthropic;
mod api;
mod models;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("anthropic", env!("CARGO_PKG_VERSION"))
        .description("Has Claude write content, as text or as JSON.")
        .provider(provider::provider())
        .operations(anthropic::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    /// Holds a request to what Anthropic's own SDK sends; the key is the host's.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let headers = ["accept", "anthropic-version", "content-type"];
        captured.assert_sent(name, request, "https://api.anthropic.com", &headers);
    }
}
