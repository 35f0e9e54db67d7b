//! Google Maps: the node `google-maps` finds the coordinates of addresses, the addresses of coordinates, and ways.
//!
//! What is sent is held against what Google's own SDKs send: `src/fixtures` has that, and the script that captured it.

mod api;
mod google_maps;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("google-maps", env!("CARGO_PKG_VERSION"))
        .description("Geocoding and directions of Google Maps.")
        .provider(provider::provider())
        .operations(google_maps::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what Google's own SDKs send.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let (base, headers): (_, &[&str]) = match request.method.as_str() {
            "POST" => (
                "https://routes.googleapis.com",
                &["content-type", "x-goog-fieldmask"],
            ),
            _ => ("https://maps.googleapis.com", &[]),
        };
        captured.assert_sent(name, request, base, headers);
        assert_eq!(request.credential.as_deref(), Some("default"));
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(
            super::plugin,
            "google-maps",
            &["geocode", "reverse_geocode", "directions"],
        );
    }
}
