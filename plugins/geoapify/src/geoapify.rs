//! The node `geoapify`.

mod geocode;
mod place;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Geoapify")
        .description("Finds addresses and coordinates.")
        .icon("map-pinned")
        .provider("geoapify")
        .input("data-in", "Which places it is about.")
        .output("data-out", "What Geoapify has found.")
        .output("error", "Why nothing was found.")
        .documentation(include_str!("geoapify/documentation.md"))
        .examples(include_str!("geoapify/examples.json"));
    Operations::new("geoapify", about)
        .operation::<geocode::Geocode>()
        .operation::<geocode::ReverseGeocode>()
}

#[cfg(test)]
mod tests;
