//! The node `google-maps`.

mod directions;
mod geocode;
mod place;
mod waypoint;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Google Maps")
        .description("Finds addresses and coordinates, and ways.")
        .icon("map-pin")
        .provider("google-maps")
        .input("data-in", "Which places it is about.")
        .output("data-out", "What Google has found.")
        .output("error", "Why nothing was found.")
        .documentation(include_str!("google_maps/documentation.md"))
        .examples(include_str!("google_maps/examples.json"));
    Operations::new("google-maps", about)
        .operation::<geocode::Geocode>()
        .operation::<geocode::ReverseGeocode>()
        .operation::<directions::Directions>()
}

#[cfg(test)]
mod tests;
