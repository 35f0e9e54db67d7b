//! Mapbox: the node `mapbox` finds the coordinates of addresses and the addresses of coordinates, routes, and how far one gets.

mod api;
mod mapbox;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("mapbox", env!("CARGO_PKG_VERSION"))
        .description("Geocoding, directions and isochrones of Mapbox.")
        .provider(provider::provider())
        .operations(mapbox::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// Holds a request to what Mapbox's own SDK sends.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        captured.assert_sent(name, request, "https://api.mapbox.com", &[]);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(
            super::plugin,
            "mapbox",
            &["geocode", "reverse_geocode", "directions", "isochrone"],
        );
    }
}
