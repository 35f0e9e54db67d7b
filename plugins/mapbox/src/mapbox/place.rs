use jackfield_plugin_sdk::prelude::*;
use serde_json::Map;

/// What both directions of geocoding can be told.
#[derive(Config, Body)]
pub(super) struct Search {
    /// Only in these countries, by their codes of two letters.
    #[field(body = "country", label = "Countries", example = json!(["de", "at"]))]
    countries: Option<Vec<String>>,
    /// Only of these kinds.
    types: Option<Vec<Kind>>,
    /// Most places to return. With coordinates, more than one needs exactly one kind.
    #[field(min = 1, max = 10)]
    limit: Option<u32>,
    /// In which language (IETF tag).
    #[field(placeholder = "de")]
    language: Option<String>,
    /// From whose point of view borders are drawn.
    #[field(advanced, placeholder = "us")]
    worldview: Option<String>,
    /// Whether what is found may be stored for good, which Mapbox charges for separately.
    #[field(advanced, label = "Store results")]
    permanent: Option<bool>,
}

/// A kind of place.
#[derive(Config, Body)]
enum Kind {
    /// A flat or unit of an address.
    SecondaryAddress,
    /// A house.
    Address,
    /// A street.
    Street,
    /// Several streets in Japan.
    Block,
    /// A part of a city.
    Neighborhood,
    /// A village, or a part of a city.
    Locality,
    /// A city, town or village.
    Place,
    /// A part of a region.
    District,
    /// A postal code.
    Postcode,
    /// A state or province.
    Region,
    /// A country.
    Country,
}

/// What was found, best first; GeoJSON.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Places {
    /// None where nothing was found.
    pub(super) features: Vec<Place>,
}

/// A place.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Place {
    /// Where it is: `coordinates` are longitude and latitude.
    geometry: Geometry,
    /// `name`, `full_address`, `coordinates`, `context`, and how well it matches.
    properties: Map<String, Value>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Geometry {
    /// Longitude and latitude.
    coordinates: Vec<f64>,
}
