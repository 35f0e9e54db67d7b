use async_graphql::indexmap::IndexMap;
use async_graphql::{InputValueError, InputValueResult, Name, Scalar, ScalarType, Value};
use jackfield_storage::Json;

/// The member under which serde_json passes raw text through serializers; async-graphql knows it alike.
const RAW_VALUE_TOKEN: &str = "$serde_json::private::RawValue";

/// Any JSON value: an object, a list, a string, a number, a boolean or null.
#[derive(Clone, Debug)]
pub struct JsonScalar(pub Json);

/// Any JSON value: an object, a list, a string, a number, a boolean or null.
#[Scalar(
    name = "JSON",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259"
)]
impl ScalarType for JsonScalar {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text =
            serde_json::to_string(&value).map_err(|_| InputValueError::custom("is not JSON"))?;
        // The library writes an object of one specially named member as raw text, so what came in is checked again.
        Json::check(text)
            .map(Self)
            .map_err(|_| InputValueError::custom("is not JSON"))
    }

    /// Stored text goes out as it is, without being parsed: the library writes this object's only member raw.
    fn to_value(&self) -> Value {
        let raw = Value::String(self.0.as_str().to_owned());
        Value::Object(IndexMap::from([(Name::new(RAW_VALUE_TOKEN), raw)]))
    }
}

impl From<Json> for JsonScalar {
    fn from(json: Json) -> Self {
        Self(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_text_passes_through_as_it_is() {
        let stored = JsonScalar(Json::check(r#"{"b": 1.50, "a": [null]}"#).unwrap());
        assert_eq!(
            serde_json::to_string(&stored.to_value()).unwrap(),
            r#"{"b": 1.50, "a": [null]}"#
        );
    }

    #[test]
    fn nobody_can_smuggle_text_that_is_not_json() {
        let member = (Name::new(RAW_VALUE_TOKEN), Value::from("}{"));
        let parsed = JsonScalar::parse(Value::Object(IndexMap::from([member]))).unwrap();
        assert!(Json::check(parsed.0.as_str()).is_ok());
    }
}
