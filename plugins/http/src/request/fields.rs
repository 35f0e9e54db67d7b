use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Names and values of headers or query parameters, in the order given. Numbers and booleans are written as text, a list
/// repeats its name, and null (what an expression gives for something absent) leaves the name out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a header, whose name is case-insensitive.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |(other, _): &(&str, &str)| other.eq_ignore_ascii_case(name);
        self.iter().find(named).map(|(_, value)| value)
    }

    fn put(&mut self, name: &str, value: Value) -> Result<(), String> {
        let text = match value {
            Value::Null => return Ok(()),
            Value::String(text) => text,
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            Value::Array(values) => {
                return values
                    .into_iter()
                    .try_for_each(|value| self.put(name, value));
            }
            Value::Object(_) => {
                return Err(format!(
                    "{name} is an object; it has to be a text, number, boolean or a list of these"
                ));
            }
        };
        self.0.push((name.to_owned(), text));
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of names and values")
    }

    fn visit_unit<E: Error>(self) -> Result<Fields, E> {
        Ok(Fields::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some((name, value)) = map.next_entry::<Cow<'de, str>, Value>()? {
            fields.put(&name, value).map_err(A::Error::custom)?;
        }
        Ok(fields)
    }
}

impl JsonSchema for Fields {
    fn schema_name() -> Cow<'static, str> {
        "Fields".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["object", "null"],
            "additionalProperties": {
                "type": ["string", "number", "boolean", "null", "array"],
                "items": {"type": ["string", "number", "boolean", "null"]},
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Result<Vec<(String, String)>, String> {
        let fields: Result<Fields, _> = serde_json::from_str(json);
        fields
            .map(|fields| fields.0)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn values_become_text_and_lists_repeat() {
        let given =
            fields(r#"{"z": "text", "n": 1.50, "b": true, "l": ["x", 2], "gone": null}"#).unwrap();
        let given: Vec<String> = given
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(given, ["z=text", "n=1.5", "b=true", "l=x", "l=2"]);
        assert_eq!(fields("null"), Ok(Vec::new()));
    }

    #[test]
    fn an_object_is_refused_by_name() {
        assert_eq!(
            fields(r#"{"filter": {"a": 1}}"#).unwrap_err(),
            "filter is an object; it has to be a text, number, boolean or a list of these at line 1 column 20"
        );
    }
}
