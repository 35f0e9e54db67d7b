//! <https://developers.google.com/maps/documentation/geocoding/requests-geocoding>

use jackfield_plugin_sdk::LatLng;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;

use super::place::{LocationType, Places, ResultType};
use crate::api::search;

/// Finds the coordinates of an address.
#[derive(Config, Body)]
#[config(label = "Geocode an address")]
pub(super) struct Geocode {
    /// Street and number, city, postal code.
    #[field(
        placeholder = "2 Lincoln Memorial Circle SW, Washington",
        min_length = 1
    )]
    address: String,
    /// Only in this country, by its name or its code of two letters.
    #[field(skip, placeholder = "DE")]
    country: Option<String>,
    /// Only with this postal code.
    #[field(skip, advanced)]
    postal_code: Option<String>,
    /// Places in this box come first: west, south, east and north.
    #[field(skip, advanced, label = "Bounding box", example = json!([13.0884, 52.3382, 13.7611, 52.6755]))]
    bounding_box: Option<[f64; 4]>,
    /// Places in the country of this top-level domain come first.
    #[field(advanced, placeholder = "uk")]
    region: Option<String>,
    /// In which language.
    #[field(placeholder = "de")]
    language: Option<String>,
}

/// Finds the address of coordinates.
#[derive(Config, Body)]
#[config(label = "Reverse geocode")]
pub(super) struct ReverseGeocode {
    /// Latitude and longitude.
    #[field(body = "latlng", placeholder = "37.7749,-122.4194")]
    coordinates: LatLng,
    /// Only of these kinds.
    #[field(body = "result_type", label = "Types")]
    types: Option<Vec<ResultType>>,
    /// Only as exactly as this.
    #[field(advanced, body = "location_type", label = "Accuracy")]
    accuracy: Option<Vec<LocationType>>,
    /// In which language.
    #[field(placeholder = "de")]
    language: Option<String>,
}

impl Operation for Geocode {
    const NAME: &'static str = "geocode";
    type Output = Whole<Places>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let mut query = json!(self);
        let filter = |name: &str, value: &Option<String>| {
            let value = value.as_deref().filter(|value| !value.is_empty());
            value.map(|value| format!("{name}:{value}"))
        };
        let filters = [
            filter("country", &self.country),
            filter("postal_code", &self.postal_code),
        ];
        query["components"] = filters.into_iter().flatten().collect();
        if let Some([west, south, east, north]) = self.bounding_box {
            query["bounds"] = format!("{south},{west}|{north},{east}").into();
        }
        read(search(&context, &query).await?)
    }
}

impl Operation for ReverseGeocode {
    const NAME: &'static str = "reverse_geocode";
    type Output = Whole<Places>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        read(search(&context, &self).await?)
    }
}
