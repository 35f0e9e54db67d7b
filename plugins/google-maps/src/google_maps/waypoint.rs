use std::borrow::Cow;

use jackfield_plugin_sdk::LatLng;
use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserializer, Serializer, de};

/// A place that a way leads to: coordinates, an address, or Google's id of a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Waypoint {
    At(LatLng),
    Address(String),
    Id(String),
}

impl<'de> Deserialize<'de> for Waypoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Some(id) = value["placeId"].as_str() {
            return Ok(Self::Id(id.to_owned()));
        }
        match value.as_str().map(str::trim) {
            Some("") => Err(de::Error::custom(
                "say which place: an address, or latitude and longitude",
            )),
            Some(address) if !is_pair(address) => Ok(Self::Address(address.to_owned())),
            _ => serde_json::from_value(value)
                .map(Self::At)
                .map_err(de::Error::custom),
        }
    }
}

/// Whether it can be nothing but coordinates.
fn is_pair(text: &str) -> bool {
    let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
    let pair = text.split_once(',');
    pair.is_some_and(|(first, second)| is_number(first) && is_number(second))
}

impl Serialize for Waypoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let waypoint = match self {
            Self::At(place) => {
                json!({"location": {"latLng": {"latitude": place.latitude, "longitude": place.longitude}}})
            }
            Self::Address(address) => json!({"address": address}),
            Self::Id(id) => json!({"placeId": id}),
        };
        waypoint.serialize(serializer)
    }
}

impl JsonSchema for Waypoint {
    fn schema_name() -> Cow<'static, str> {
        "Waypoint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "object"], "minLength": 1})
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Result<Value, String> {
        let read = serde_json::from_value::<Waypoint>(value);
        read.map(|place| json!(place))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_place_is_an_address_unless_it_is_something_else() {
        let address = "1600 Amphitheatre Parkway, Mountain View";
        let at = json!({"location": {"latLng": {"latitude": 37.7749, "longitude": -122.4194}}});
        let geocoded = json!({"results": [{"place_id": "p", "geometry": {"location": {"lat": 37.7749, "lng": -122.4194}}}]});
        let id = json!({"placeId": "ChIJ"});
        for (written, sent) in [
            (json!(address), json!({"address": address})),
            (json!("Berlin"), json!({"address": "Berlin"})),
            (
                json!("10, Downing Street"),
                json!({"address": "10, Downing Street"}),
            ),
            (json!("37.7749, -122.4194"), at.clone()),
            (geocoded, at.clone()),
            (at.clone(), at),
            (id.clone(), id),
        ] {
            assert_eq!(read(written.clone()), Ok(sent), "{written}");
        }
    }

    #[test]
    fn coordinates_in_the_wrong_order_are_no_address() {
        let error = read(json!("-122.4194,37.7749")).unwrap_err();
        assert!(
            error.contains("write latitude and longitude, in this order"),
            "{error}"
        );
        assert!(read(json!([37.7749, -122.4194])).is_err());
        assert!(read(json!(" ")).unwrap_err().contains("say which place"));
        assert!(read(json!({"results": []})).is_err());
    }
}
