use std::borrow::Cow;

use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::Error as _;

use super::When;

/// A point in time, RFC 3339 with its offset.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::calendar) struct Instant(When);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        match When::parse(&written) {
            Some(when @ When::Time(_, Some(_))) => Ok(Self(when)),
            _ => {
                let written: String = written.chars().take(40).collect();
                Err(D::Error::custom(format!(
                    "`{written}` is no time with an offset: write it like 2026-12-01T09:00:00+01:00"
                )))
            }
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for Instant {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "examples": ["2026-12-01T00:00:00+01:00"],
        })
    }

    fn inline_schema() -> bool {
        true
    }
}
