//! Geoapify: the node `geoapify` finds the coordinates of addresses and the addresses of coordinates.
//!
//! What `geocode` sends is held against what Geoapify's own library sends: `src/fixtures` has that, and the script that captured it. What
//! `reverse_geocode` sends is as Geoapify's documentation has it.

mod api;
mod geoapify;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("geoapify", env!("CARGO_PKG_VERSION"))
        .description("Geocoding of Geoapify.")
        .provider(provider::provider())
        .operations(geoapify::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what Geoapify's own library sends.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        captured.assert_sent(name, request, "https://api.geoapify.com", &[]);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(super::plugin, "geoapify", &["geocode", "reverse_geocode"]);
    }
}
