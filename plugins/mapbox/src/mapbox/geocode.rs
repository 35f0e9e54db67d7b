//! <https://docs.mapbox.com/api/search/geocoding/>, version 6.

use jackfield_plugin_sdk::LngLat;
use jackfield_plugin_sdk::prelude::*;

use super::place::{Places, Search};
use crate::api::{get, searches};

/// Finds the coordinates of an address.
#[derive(Config, Body)]
#[config(label = "Geocode an address")]
pub(super) struct Geocode {
    /// Street and number, city, postal code; at most 256 characters.
    #[field(
        body = "q",
        placeholder = "2 Lincoln Memorial Circle SW, Washington",
        min_length = 1,
        max_length = 256
    )]
    address: String,
    /// Places near here come first: longitude and latitude.
    #[field(label = "Near", placeholder = "-122.4194,37.7749")]
    proximity: Option<LngLat>,
    /// Only in this box: west, south, east and north.
    #[field(advanced, body = "bbox", label = "Bounding box", min_length = 4, max_length = 4, example = json!([13.0884, 52.3382, 13.7611, 52.6755]))]
    bounding_box: Option<Vec<f64>>,
    /// Whether the address may be the beginning of one.
    #[field(advanced, default = false)]
    autocomplete: bool,
    #[field(flatten)]
    search: Search,
}

/// Finds the address of coordinates.
#[derive(Config, Body)]
#[config(label = "Reverse geocode")]
pub(super) struct ReverseGeocode {
    /// Longitude and latitude.
    #[field(skip, placeholder = "-122.4194,37.7749")]
    coordinates: LngLat,
    #[field(flatten)]
    search: Search,
}

impl Operation for Geocode {
    const NAME: &'static str = "geocode";
    type Output = Whole<Places>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        get(searches(), &context, "/search/geocode/v6/forward", &self).await
    }
}

impl Operation for ReverseGeocode {
    const NAME: &'static str = "reverse_geocode";
    type Output = Whole<Places>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let mut query = json!(self);
        query["longitude"] = self.coordinates.longitude.to_string().into();
        query["latitude"] = self.coordinates.latitude.to_string().into();
        get(searches(), &context, "/search/geocode/v6/reverse", &query).await
    }
}
