use jackfield_plugin_sdk::prelude::*;

/// What was found, best first.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Places {
    /// None where nothing was found.
    results: Vec<Place>,
}

/// A place. Google's answer has more members, such as `address_components` and `place_id`.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Place {
    /// The whole address, as it is written in its country.
    formatted_address: String,
    /// Where it is.
    geometry: Geometry,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Geometry {
    /// Latitude and longitude.
    location: Location,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Location {
    lat: f64,
    lng: f64,
}

/// A kind of place.
#[derive(Config, Body)]
pub(super) enum ResultType {
    /// An exact address.
    StreetAddress,
    /// A street or road.
    Route,
    /// Where streets cross.
    Intersection,
    /// A building that has a name.
    Premise,
    /// A flat or unit of a building.
    Subpremise,
    /// A part of a city that has a name.
    Neighborhood,
    /// A part of a city.
    Sublocality,
    /// A city or town.
    Locality,
    /// A postal code.
    PostalCode,
    /// A county or district.
    #[field(
        name = "administrative_area_level_2",
        label = "County (administrative area, level 2)"
    )]
    County,
    /// A state or province.
    #[field(
        name = "administrative_area_level_1",
        label = "State (administrative area, level 1)"
    )]
    State,
    /// A country.
    Country,
    /// An airport.
    Airport,
    /// A park that has a name.
    Park,
    /// Something that has a name, such as a shop.
    PointOfInterest,
    /// A code that stands for an area of 14 by 14 metres.
    PlusCode,
}

/// How exactly a place is known.
#[derive(Config, Body)]
pub(super) enum LocationType {
    /// To the building.
    #[field(body = "ROOFTOP")]
    Rooftop,
    /// Between two house numbers.
    #[field(body = "RANGE_INTERPOLATED")]
    RangeInterpolated,
    /// To the middle of a street or area.
    #[field(body = "GEOMETRIC_CENTER")]
    GeometricCenter,
    /// Roughly.
    #[field(body = "APPROXIMATE")]
    Approximate,
}
