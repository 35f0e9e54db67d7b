use async_graphql::Value;
use serde::de::Error;
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

/// Refuses an object with more than `limit` values in it, those inside of lists and objects too.
fn count(text: &str, limit: usize) -> Result<(), GuardError> {
    if text.len() / BYTES_PER_VALUE <= limit || values(text, limit) <= limit {
        return Ok(());
    }
    Err(GuardError::TooMany {
        what: "values in its variables",
        found: limit as u64 + 1,
        limit: limit as u64,
    })
}

/// How many values there are within a text that is JSON, counted no further than is needed to know that there are more than
/// `limit`. A list or an object has one more than it has commas, unless it is empty.
fn values(text: &str, limit: usize) -> usize {
    let (mut values, mut opened, mut quoted) = (0, false, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quoted => _ = bytes.next(),
            b'"' => (quoted, opened) = (!quoted, false),
            _ if quoted => {}
            b'[' | b'{' => (values, opened) = (values + 1, true),
            b']' | b'}' if opened => (values, opened) = (values - 1, false),
            b',' => values += 1,
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => opened = false,
        }
        // The last one may turn out to be empty.
        if values > limit + 1 {
            break;
        }
    }
    values
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
        assert_eq!(values(&text, 1000), 10);
        assert_eq!(count(&text, 10), Ok(()));
        let refused = count(&text, 9).unwrap_err();
        insta::assert_snapshot!(refused, @"The document has 10 values in its variables; at most 9 are allowed.");
    }

    #[test]
    fn what_stands_in_a_text_is_no_value_and_what_is_empty_has_none() {
        for (text, expected) in [
            ("{}", 0),
            (r#"{"a": [ ]}"#, 1),
            (r#"{"a": [[], {}], "b": {"c": []}}"#, 5),
            (r#"{"a": "[,", "b,{": "\\\",{", "c": ""}"#, 3),
        ] {
            assert_eq!(values(text, 1000), expected, "{text}");
        }
        assert_eq!(values("[1,2,3,4,5,6,7,8,9]", 3), 5);
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
