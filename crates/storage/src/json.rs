//! JSON that is stored and passed on as it is.

use std::{fmt, sync::Arc};

use sea_orm::{
    ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::payload::MARK;

/// A valid JSON document as text. Cheap to clone; taken apart only where somebody looks inside.
///
/// Stored in a text column and not in `jsonb`: the database never looks inside either, SQLite has
/// no such type, and the text that a provider signed comes back byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(Arc<str>);

impl Json {
    /// The document `null`.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// Checks that `text` is one JSON document and keeps it as it is.
    pub fn check(text: impl Into<Arc<str>>) -> Result<Self, serde_json::Error> {
        let text = text.into();
        serde_json::from_str::<serde::de::IgnoredAny>(&text)?;
        Ok(Self(text))
    }

    /// Keeps `text` as it is, which whoever calls has found to be one JSON document.
    pub fn found_good(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        debug_assert!(
            serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(),
            "a text was said to be JSON"
        );
        Self(text)
    }

    /// Writes `value` as JSON. Fails for maps whose keys are not strings.
    pub fn of<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Self(text.into()))
    }

    /// The document's text.
    pub fn as_str(&self) -> &str {
        debug_assert!(
            !self.0.starts_with(MARK),
            "a document was read with references in it"
        );
        &self.0
    }

    /// The text as it is stored, which may have references to large values in it.
    pub(crate) fn stored(&self) -> &str {
        &self.0
    }

    /// A document as it is stored.
    pub(crate) fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// Reads the document as a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }

    /// The document as a tree.
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_str(self.as_str()).unwrap_or(serde_json::Value::Null)
    }

    /// The document as raw JSON, to be put into a larger one.
    pub fn raw(&self) -> Box<RawValue> {
        RawValue::from_string(self.as_str().to_owned()).unwrap_or_default()
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self::from(&value)
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        Self(value.to_string().into())
    }
}

impl From<Box<RawValue>> for Json {
    fn from(raw: Box<RawValue>) -> Self {
        Self(String::from(Box::<str>::from(raw)).into())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Json {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self::from)
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        Value::String(Some(json.0.to_string()))
    }
}

impl TryGetable for Json {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        if text.starts_with(MARK) {
            return Ok(Self::from_stored(text));
        }
        Self::check(text).map_err(|error| {
            TryGetError::DbErr(DbErr::Type(format!(
                "a stored JSON document is damaged: {error}"
            )))
        })
    }
}

impl ValueType for Json {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value)
            .and_then(|text| Self::check(text).map_err(|_| ValueTypeErr))
    }

    fn type_name() -> String {
        "Json".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl Nullable for Json {
    fn null() -> Value {
        Value::String(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_json_is_refused() {
        assert!(Json::check("{\"a\": 1").is_err());
        assert!(Json::check("{} {}").is_err());
        assert_eq!(Json::check("{\"a\": 1}").unwrap().as_str(), "{\"a\": 1}");
    }

    #[test]
    fn it_is_part_of_a_larger_document_as_it_is() {
        let inner = Json::check("{\"b\": 1, \"a\": 2}").unwrap();
        let outer = serde_json::to_string(&vec![inner.clone()]).unwrap();
        assert_eq!(outer, "[{\"b\": 1, \"a\": 2}]");
        assert_eq!(serde_json::from_str::<Vec<Json>>(&outer).unwrap(), [inner]);
    }
}
