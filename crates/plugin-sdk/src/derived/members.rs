use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The members of a config, which may stand among those of another one.
pub trait Members {
    /// Adds what a config calls them.
    fn names(names: &mut Vec<&'static str>);

    /// Whether there is a member of this name.
    ///
    /// # Errors
    /// When the value is none that it can have.
    fn check(name: &str, value: &Value) -> serde_json::Result<bool>;
}

/// Reads the members of a config among which stand those of others. serde alone would take any member there, and would not say
/// which one it could not read.
///
/// # Errors
/// When a member is unknown, unless the config is `open`, or its value is none that it can have.
pub fn members<'de, T: Members, D: Deserializer<'de>>(
    deserializer: D,
    open: bool,
) -> Result<Value, D::Error> {
    let (mut names, members) = (Vec::new(), PhantomData::<T>);
    T::names(&mut names);
    let all = All {
        names: &names,
        open,
        members,
    };
    deserializer.deserialize_map(all).map(Value::Object)
}

struct All<'a, T> {
    names: &'a [&'static str],
    open: bool,
    members: PhantomData<T>,
}

impl<'de, T: Members> Visitor<'de> for All<'_, T> {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if !self.open && !self.names.contains(&name.as_str()) {
                return Err(unknown(&name, self.names));
            }
            let one = One::<T> {
                name: &name,
                members: PhantomData,
            };
            let value = map.next_value_seed(one)?;
            read.insert(name, value);
        }
        Ok(read)
    }
}

/// Says it in serde's words.
fn unknown<E: Error>(name: &str, names: &[&str]) -> E {
    E::custom(format_args!(
        "unknown field `{name}`, expected one of `{}`",
        names.join("`, `")
    ))
}

struct One<'a, T> {
    name: &'a str,
    members: PhantomData<T>,
}

impl<'de, T: Members> DeserializeSeed<'de> for One<'_, T> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let value = Value::deserialize(deserializer)?;
        T::check(self.name, &value).map_err(D::Error::custom)?;
        Ok(value)
    }
}
