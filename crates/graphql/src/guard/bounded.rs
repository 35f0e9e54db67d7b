use std::cell::Cell;
use std::fmt;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Number, Value};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::MAX_VALUES;

/// Variables as they arrive, of which no more is taken in than is needed to know that there are too many values in them.
#[derive(Debug, Default, PartialEq)]
pub struct BoundedVariables(pub Value);

impl<'de> Deserialize<'de> for BoundedVariables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let taken = Cell::new(0);
        Bounded(&taken).deserialize(deserializer).map(Self)
    }
}

/// Reads a value and counts it.
#[derive(Clone, Copy)]
struct Bounded<'a>(&'a Cell<usize>);

impl Bounded<'_> {
    /// Whether one more than may be was taken, besides the object around them all.
    fn is_full(self) -> bool {
        self.0.get() > MAX_VALUES + 1
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.set(self.0.get() + 1);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while !self.is_full() {
            match items.next_element_seed(self)? {
                Some(item) => list.push(item),
                None => return Ok(Value::List(list)),
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = IndexMap::new();
        while !self.is_full() {
            match members.next_key::<String>()? {
                Some(name) => object.insert(Name::new(name), members.next_value_seed(self)?),
                None => return Ok(Value::Object(object)),
            };
        }
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::*;
    use crate::guard::{Limits, measure_variables};

    #[test]
    fn variables_are_read_as_they_are() {
        let given = json!({"a": [1, -2, 2.5, null, true, {"b": "c"}], "d": u64::MAX});
        let read: BoundedVariables = serde_json::from_value(given.clone()).unwrap();
        assert_eq!(read.0, Value::from_json(given).unwrap());
    }

    #[test]
    fn of_too_many_values_no_more_is_kept_than_tells_so() {
        let given = json!({"a": vec![7; 3 * MAX_VALUES], "b": [1], "c": 2}).to_string();
        let read: BoundedVariables = serde_json::from_str(&given).unwrap();
        let Value::Object(members) = &read.0 else {
            panic!("{read:?}");
        };
        assert!(matches!(&members["a"], Value::List(items) if items.len() < MAX_VALUES + 1));
        assert_eq!(members.len(), 1);
        let variables = Variables::from_value(read.0);
        assert!(measure_variables(&variables, &Limits::default()).is_err());
    }
}
