use std::cell::Cell;
use std::fmt;

use async_graphql::Value;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{GuardError, MAX_VALUES};

/// The least that a value takes as JSON, with what parts it from the next.
const BYTES_PER_VALUE: usize = 2;

/// Variables as they arrive. They are counted before they are taken in: to make a hundred thousand values and let them go takes
/// longer than anything else that a request can ask for and not get.
#[derive(Debug, PartialEq)]
pub struct GivenVariables(pub Result<Value, GuardError>);

impl<'de> Deserialize<'de> for GivenVariables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        if let Err(refused) = count(text, MAX_VALUES) {
            return Ok(Self(Err(refused)));
        }
        let value = serde_json::from_str(text).map_err(D::Error::custom)?;
        Ok(Self(Ok(value)))
    }
}

/// Counts the values in an object, those inside of lists and objects too, and no further than to `limit`.
fn count(text: &str, limit: usize) -> Result<(), GuardError> {
    if text.len() / BYTES_PER_VALUE <= limit {
        return Ok(());
    }
    // The object around them all is none of them.
    let left = Cell::new(limit + 1);
    let counted = Counted(&left).deserialize(&mut serde_json::Deserializer::from_str(text));
    counted.map_err(|_| GuardError::TooMany {
        what: "values in its variables",
        found: limit as u64 + 1,
        limit: limit as u64,
    })
}

/// Reads a value, takes one from what is left for it and each value in it, and fails when nothing is left.
#[derive(Clone, Copy)]
struct Counted<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Counted<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let left = self.0.get().checked_sub(1);
        self.0
            .set(left.ok_or_else(|| D::Error::custom("too many"))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_are_read_as_they_are() {
        let given = r#"{"a": [1, -2, 2.5, null, true, {"b": "c"}], "d": 18446744073709551615}"#;
        let read: GivenVariables = serde_json::from_str(given).unwrap();
        let expected = Value::from_json(serde_json::from_str(given).unwrap()).unwrap();
        assert_eq!(read, GivenVariables(Ok(expected)));
    }

    #[test]
    fn lists_within_lists_count() {
        let text =
            json!({"a": [[1, -2], {"b": "\u{e9}\n"}], "c": null, "d": [true, 2.5]}).to_string();
        assert_eq!(count(&text, 10), Ok(()));
        let refused = count(&text, 9).unwrap_err();
        insta::assert_snapshot!(refused, @"The document has 10 values in its variables; at most 9 are allowed.");
    }

    #[test]
    fn too_many_are_refused_when_they_are_read() {
        let given = json!({"a": vec![7; MAX_VALUES], "b": [1]}).to_string();
        let read: GivenVariables = serde_json::from_str(&given).unwrap();
        assert!(read.0.is_err());
        let given = json!({"a": vec![7; MAX_VALUES - 1]}).to_string();
        let read: GivenVariables = serde_json::from_str(&given).unwrap();
        assert!(read.0.is_ok());
    }
}
