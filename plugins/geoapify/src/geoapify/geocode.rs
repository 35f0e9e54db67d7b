//! <https://apidocs.geoapify.com/docs/geocoding/forward-geocoding/>,
//! <https://apidocs.geoapify.com/docs/geocoding/reverse-geocoding/>

use jackfield_plugin_sdk::LngLat;
use jackfield_plugin_sdk::prelude::*;

use super::place::{Places, Search};
use crate::api::search;

/// Finds the coordinates of an address.
#[derive(Config, Body)]
#[config(label = "Geocode an address")]
pub(super) struct Geocode {
    /// Street and number, city, postal code.
    #[field(
        body = "text",
        placeholder = "2 Lincoln Memorial Circle SW, Washington",
        min_length = 1
    )]
    address: String,
    /// Only in these countries, by their codes of two letters.
    #[field(skip, example = json!(["de", "at"]))]
    countries: Option<Vec<String>>,
    /// Places near here come first: longitude and latitude.
    #[field(skip, label = "Near", placeholder = "-122.4194,37.7749")]
    proximity: Option<LngLat>,
    /// Only in this box: west, south, east and north.
    #[field(skip, advanced, label = "Bounding box", example = json!([13.0884, 52.3382, 13.7611, 52.6755]))]
    bounding_box: Option<[f64; 4]>,
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
        let mut query = json!(self);
        query["filter"] = self.filters().into();
        query["bias"] = self
            .proximity
            .map(|near| format!("proximity:{near}"))
            .into();
        search(&context, "/v1/geocode/search", &query).await
    }
}

impl Geocode {
    fn filters(&self) -> Vec<String> {
        let mut filters = Vec::new();
        if let Some(countries) = self.countries.as_ref().filter(|all| !all.is_empty()) {
            filters.push(format!(
                "countrycode:{}",
                countries.join(",").to_lowercase()
            ));
        }
        if let Some([west, south, east, north]) = self.bounding_box {
            filters.push(format!("rect:{west},{south},{east},{north}"));
        }
        filters
    }
}

impl Operation for ReverseGeocode {
    const NAME: &'static str = "reverse_geocode";
    type Output = Whole<Places>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let mut query = json!(self);
        query["lat"] = self.coordinates.latitude.to_string().into();
        query["lon"] = self.coordinates.longitude.to_string().into();
        search(&context, "/v1/geocode/reverse", &query).await
    }
}
