use jackfield_plugin_sdk::prelude::*;

/// What both directions of geocoding can be told.
#[derive(Config, Body)]
pub(super) struct Search {
    /// Only of this kind.
    #[field(name = "type", body = "type", label = "Type")]
    kind: Option<Kind>,
    /// Most places to return; Geoapify's own number unless given.
    #[field(min = 1)]
    limit: Option<u32>,
    /// In which language, by its code of two letters.
    #[field(body = "lang", placeholder = "de", pattern = "^[a-z]{2}$")]
    language: Option<String>,
}

/// A kind of place.
#[derive(Config, Body)]
enum Kind {
    /// Something that has a name, such as a shop.
    Amenity,
    /// A street.
    Street,
    /// A part of a city, or a village.
    Locality,
    /// A postal code.
    Postcode,
    /// A city or town.
    City,
    /// A state or province.
    State,
    /// A country.
    Country,
}

/// What was found, best first; GeoJSON.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Places {
    /// None where nothing was found.
    features: Vec<Place>,
}

/// A place.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Place {
    /// Where it is: `coordinates` are longitude and latitude.
    geometry: Geometry,
    /// The address, in one line and in parts, and how well it matches.
    properties: Properties,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Geometry {
    /// Longitude and latitude.
    coordinates: Vec<f64>,
}

/// Geoapify's answer has more members, such as `housenumber`, `street`, `postcode`, `city`, `country_code`, `rank.confidence`.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Properties {
    /// The whole address in one line.
    formatted: Option<String>,
}
