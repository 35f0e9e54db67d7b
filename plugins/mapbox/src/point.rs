use std::borrow::Cow;
use std::fmt;

use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserializer, Serializer, de};

/// A place on earth. Read from what people and services write: a text, a pair, an object with `longitude` and `latitude`, and
/// GeoJSON, such as what `geocode` returns, of which the first feature counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) longitude: f64,
    pub(crate) latitude: f64,
}

/// What an object may call the two.
const NAMES: [(&str, &str); 3] = [("longitude", "latitude"), ("lng", "lat"), ("lon", "lat")];

impl Point {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => {
                let (longitude, latitude) = text.split_once(',')?;
                Self::new(
                    longitude.trim().parse().ok()?,
                    latitude.trim().parse().ok()?,
                )
            }
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
                match named {
                    Some((longitude, latitude)) => Self::new(longitude, latitude),
                    None => {
                        let first = members.get("features").and_then(|all| all.get(0));
                        let within = first.or_else(|| members.get("geometry"));
                        Self::read(within.or_else(|| members.get("coordinates"))?)
                    }
                }
            }
            _ => None,
        }
    }

    fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let is_on_earth = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        is_on_earth.then_some(Self {
            longitude,
            latitude,
        })
    }
}

/// As Mapbox has it, longitude first.
impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{}", self.longitude, self.latitude)
    }
}

/// Several in a path, each encoded as Mapbox's own library does.
pub(crate) fn path_of(points: &[Point]) -> String {
    let points = points
        .iter()
        .map(|point| format!("{}%2C{}", point.longitude, point.latitude));
    points.collect::<Vec<_>>().join("%3B")
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::read(&value).ok_or_else(|| {
            let shown: String = value.to_string().chars().take(60).collect();
            de::Error::custom(format_args!(
                "{shown} is no place: write longitude and latitude, in this order, such as -122.4194,37.7749, or hand on what \
                 geocode returned"
            ))
        })
    }
}

impl JsonSchema for Point {
    fn schema_name() -> Cow<'static, str> {
        "Point".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array", "object"],
            "pattern": "^\\s*-?[0-9]+(\\.[0-9]+)?\\s*,\\s*-?[0-9]+(\\.[0-9]+)?\\s*$",
            "items": {"type": "number"},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Result<Point, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_place_is_read_in_whatever_way_it_is_written() {
        let place = Point {
            longitude: -122.4194,
            latitude: 37.7749,
        };
        let geometry = json!({"type": "Point", "coordinates": [-122.4194, 37.7749]});
        let feature = json!({"type": "Feature", "geometry": geometry, "properties": {}});
        for value in [
            json!("-122.4194,37.7749"),
            json!(" -122.4194, 37.7749 "),
            json!([-122.4194, 37.7749]),
            json!([-122.4194, 37.7749, 16]),
            json!({"longitude": -122.4194, "latitude": 37.7749, "accuracy": "rooftop"}),
            json!({"lat": 37.7749, "lng": -122.4194}),
            json!({"lat": 37.7749, "lon": -122.4194}),
            geometry,
            feature.clone(),
            json!({"type": "FeatureCollection", "features": [feature]}),
        ] {
            assert_eq!(read(value.clone()), Ok(place), "{value}");
        }
        assert_eq!(place.to_string(), "-122.4194,37.7749");
        assert_eq!(
            path_of(&[place, place]),
            "-122.4194%2C37.7749%3B-122.4194%2C37.7749"
        );
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
            let error = read(wrong.clone()).unwrap_err();
            assert!(error.contains("is no place"), "{wrong}: {error}");
        }
    }
}
