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
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(
            super::plugin,
            "google-reviews",
            &["get_rating", "list_reviews"],
        );
    }
}
