//! The node `mapbox`.

mod directions;
mod geocode;
mod isochrone;
mod place;

use jackfield_plugin_sdk::LngLat;
use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Mapbox")
        .description(
            "Finds addresses and coordinates, routes, and how far one gets in so many minutes.",
        )
        .icon("map")
        .provider("mapbox")
        .input("data-in", "Which places it is about.")
        .output("data-out", "What Mapbox has found.")
        .output("error", "Why nothing was found.")
        .documentation(include_str!("mapbox/documentation.md"))
        .examples(include_str!("mapbox/examples.json"));
    Operations::new("mapbox", about)
        .operation::<geocode::Geocode>()
        .operation::<geocode::ReverseGeocode>()
        .operation::<directions::Directions>()
        .operation::<isochrone::Isochrone>()
}

/// How one travels.
#[derive(Clone, Copy, Config)]
enum Profile {
    /// By car.
    Driving,
    /// By car, as the traffic is.
    #[field(name = "driving-traffic", label = "Driving in traffic")]
    DrivingTraffic,
    /// On foot.
    Walking,
    /// By bicycle.
    Cycling,
}

impl Profile {
    /// What a path calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Driving => "driving",
            Self::DrivingTraffic => "driving-traffic",
            Self::Walking => "walking",
            Self::Cycling => "cycling",
        }
    }
}

/// Several places in a path, each encoded as Mapbox's own library does.
fn path_of(places: &[LngLat]) -> String {
    let places = places
        .iter()
        .map(|place| format!("{}%2C{}", place.longitude, place.latitude));
    places.collect::<Vec<_>>().join("%3B")
}

#[cfg(test)]
mod tests;
