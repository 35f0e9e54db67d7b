use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A place on earth, as people and services write it. What services answer is read whole, and the best match counts: GeoJSON, and
/// what the geocoders of Mapbox, Google and Geoapify return. So one node's output is the next one's place, whoever made it.
///
/// A text is a pair of numbers, whose order is the service's own: [`LngLat`] or [`LatLng`]. It is sent as it is read.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::{LatLng, LngLat};
///
/// #[derive(Config)]
/// struct Drive {
///     /// Where it begins.
///     origin: LngLat,
///     /// Where it ends.
///     destination: LatLng,
/// }
///
/// let found = json!({"results": [{"geometry": {"location": {"lat": 37.8044, "lng": -122.2711}}}], "status": "OK"});
/// let drive: Drive = serde_json::from_value(json!({"origin": "-122.4194, 37.7749", "destination": found})).unwrap();
/// assert_eq!((json!(drive.origin), json!(drive.destination)), (json!("-122.4194,37.7749"), json!("37.8044,-122.2711")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates<const LATITUDE_FIRST: bool> {
    /// Degrees east, from -180 to 180.
    pub longitude: f64,
    /// Degrees north, from -90 to 90.
    pub latitude: f64,
}

/// A place whose longitude comes first, as in GeoJSON: a text, or a list of two numbers.
pub type LngLat = Coordinates<false>;

/// A place whose latitude comes first. A list is refused, because others read it the other way round.
pub type LatLng = Coordinates<true>;

/// A text that is no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCoordinates(String);

/// What an object may call the two.
const NAMES: [(&str, &str); 3] = [("longitude", "latitude"), ("lng", "lat"), ("lon", "lat")];

/// What an answer has its best match in, and a match its place.
const LISTS: [&str; 2] = ["features", "results"];
const PLACES: [&str; 4] = ["geometry", "location", "latLng", "coordinates"];

impl<const LATITUDE_FIRST: bool> Coordinates<LATITUDE_FIRST> {
    /// A place, if there is such a one.
    pub fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let is_on_earth = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        is_on_earth.then_some(Self {
            longitude,
            latitude,
        })
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => text.parse().ok(),
            Value::Array(_) if LATITUDE_FIRST => None,
            value => Self::of(value),
        }
    }

    /// What is no text has the longitude first.
    fn of(value: &Value) -> Option<Self> {
        match value {
            // GeoJSON may have the height as a third.
            Value::Array(pair) => match pair.as_slice() {
                [longitude, latitude] | [longitude, latitude, _] => {
                    Self::new(longitude.as_f64()?, latitude.as_f64()?)
                }
                _ => None,
            },
            Value::Object(members) => {
                let named = NAMES.iter().find_map(|(longitude, latitude)| {
                    let (longitude, latitude) = (members.get(*longitude)?, members.get(*latitude)?);
                    Some((longitude.as_f64()?, latitude.as_f64()?))
                });
                if let Some((longitude, latitude)) = named {
                    return Self::new(longitude, latitude);
                }
                let first = LISTS.iter().find_map(|list| members.get(*list)?.get(0));
                let within = || PLACES.iter().find_map(|place| members.get(*place));
                Self::of(first.or_else(within)?)
            }
            _ => None,
        }
    }
}

impl<const LATITUDE_FIRST: bool> FromStr for Coordinates<LATITUDE_FIRST> {
    type Err = InvalidCoordinates;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let read = || {
            let (first, second) = text.split_once(',')?;
            let (first, second) = (number(first)?, number(second)?);
            match LATITUDE_FIRST {
                true => Self::new(second, first),
                false => Self::new(first, second),
            }
        };
        read().ok_or_else(|| InvalidCoordinates::of::<LATITUDE_FIRST>(&Value::from(text)))
    }
}

impl InvalidCoordinates {
    fn of<const LATITUDE_FIRST: bool>(value: &Value) -> Self {
        let shown: String = value.to_string().chars().take(60).collect();
        let order = match LATITUDE_FIRST {
            true => "latitude and longitude, in this order, such as 37.7749,-122.4194",
            false => "longitude and latitude, in this order, such as -122.4194,37.7749",
        };
        Self(format!(
            "{shown} is no place: write {order}, or hand on what geocode returned"
        ))
    }
}

impl fmt::Display for InvalidCoordinates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for InvalidCoordinates {}

impl<const LATITUDE_FIRST: bool> fmt::Display for Coordinates<LATITUDE_FIRST> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match LATITUDE_FIRST {
            true => write!(formatter, "{},{}", self.latitude, self.longitude),
            false => write!(formatter, "{},{}", self.longitude, self.latitude),
        }
    }
}

impl<const LATITUDE_FIRST: bool> Serialize for Coordinates<LATITUDE_FIRST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const LATITUDE_FIRST: bool> Deserialize<'de> for Coordinates<LATITUDE_FIRST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let invalid = || D::Error::custom(InvalidCoordinates::of::<LATITUDE_FIRST>(&value));
        Self::read(&value).ok_or_else(invalid)
    }
}

impl<const LATITUDE_FIRST: bool> JsonSchema for Coordinates<LATITUDE_FIRST> {
    fn schema_name() -> Cow<'static, str> {
        match LATITUDE_FIRST {
            true => "LatLng".into(),
            false => "LngLat".into(),
        }
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = "^\\s*-?[0-9]+(\\.[0-9]+)?\\s*,\\s*-?[0-9]+(\\.[0-9]+)?\\s*$";
        match LATITUDE_FIRST {
            true => json_schema!({"type": ["string", "object"], "pattern": pattern}),
            false => json_schema!({
                "type": ["string", "array", "object"], "pattern": pattern, "items": {"type": "number"},
            }),
        }
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<const LATITUDE_FIRST: bool>(
        value: Value,
    ) -> Result<Coordinates<LATITUDE_FIRST>, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_place_is_read_in_whatever_way_it_is_written() {
        let place = LngLat::new(-122.4194, 37.7749).unwrap();
        let geometry = json!({"type": "Point", "coordinates": [-122.4194, 37.7749]});
        let feature = json!({"type": "Feature", "geometry": geometry, "properties": {}});
        let location = json!({"lat": 37.7749, "lng": -122.4194});
        let result = json!({"place_id": "p", "geometry": {"location": location, "location_type": "ROOFTOP"}});
        for value in [
            json!({"longitude": -122.4194, "latitude": 37.7749, "accuracy": "rooftop"}),
            json!({"lat": 37.7749, "lon": -122.4194}),
            json!({"location": {"latLng": {"latitude": 37.7749, "longitude": -122.4194}}}),
            location,
            geometry,
            feature.clone(),
            json!({"type": "FeatureCollection", "features": [feature]}),
            result.clone(),
            json!({"results": [result], "status": "OK"}),
            json!({"results": [{"lat": 37.7749, "lon": -122.4194, "formatted": "here"}]}),
        ] {
            assert_eq!(read::<false>(value.clone()), Ok(place), "{value}");
            let same = LatLng::new(-122.4194, 37.7749).unwrap();
            assert_eq!(read::<true>(value.clone()), Ok(same), "{value}");
        }
    }

    #[test]
    fn the_order_of_a_text_is_the_services() {
        let place = LngLat::new(-122.4194, 37.7749).unwrap();
        for value in [
            json!("-122.4194,37.7749"),
            json!(" -122.4194, 37.7749 "),
            json!([-122.4194, 37.7749]),
            json!([-122.4194, 37.7749, 16]),
        ] {
            assert_eq!(read::<false>(value.clone()), Ok(place), "{value}");
            assert!(read::<true>(value.clone()).is_err(), "{value}");
        }
        assert_eq!(place.to_string(), "-122.4194,37.7749");
        let place: LatLng = "37.7749, -122.4194".parse().unwrap();
        assert_eq!((place.longitude, place.latitude), (-122.4194, 37.7749));
        assert_eq!(place.to_string(), "37.7749,-122.4194");
    }

    #[test]
    fn what_is_no_place_says_how_to_write_one() {
        for wrong in [
            json!("Berlin"),
            json!("37.7749,-122.4194"),
            json!([1]),
            json!(["1", "2"]),
            json!({"features": []}),
            json!({"lat": 1}),
            json!("NaN,1"),
            json!(null),
        ] {
            let error = read::<false>(wrong.clone()).unwrap_err();
            assert!(
                error.contains("write longitude and latitude"),
                "{wrong}: {error}"
            );
        }
        let error = read::<true>(json!([37.7749, -122.4194])).unwrap_err();
        assert_eq!(
            error,
            "[37.7749,-122.4194] is no place: write latitude and longitude, in this order, such as 37.7749,-122.4194, or hand \
             on what geocode returned"
        );
    }
}
