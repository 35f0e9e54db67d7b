use std::borrow::Cow;

use jackfield_plugin_sdk::prelude::*;
use jiff::SignedDuration;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::Error as _;

/// How long, ISO 8601.
#[derive(Clone, Copy, Debug)]
pub(in crate::calendar) struct Length(pub(super) SignedDuration);

impl Length {
    /// `PT1H30M`, `P2D`, `P1W`; years and months have no length of their own.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let mut rest = written.trim().strip_prefix('P')?;
        let (mut seconds, mut is_time) = (0_i64, false);
        while !rest.is_empty() {
            if let Some(time) = rest.strip_prefix('T').filter(|_| !is_time) {
                (rest, is_time) = (time, true);
                continue;
            }
            let (number, behind) = rest.split_at(rest.find(|next: char| !next.is_ascii_digit())?);
            let mut behind = behind.chars();
            let unit = match (behind.next()?, is_time) {
                ('W', false) => 604_800,
                ('D', false) => 86_400,
                ('H', true) => 3_600,
                ('M', true) => 60,
                ('S', true) => 1,
                _ => return None,
            };
            let number: i64 = number.parse().ok()?;
            seconds = seconds.checked_add(number.checked_mul(unit)?)?;
            rest = behind.as_str();
        }
        (seconds > 0).then(|| Self(SignedDuration::from_secs(seconds)))
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        Self::parse(&written).ok_or_else(|| {
            let written: String = written.chars().take(40).collect();
            D::Error::custom(format!(
                "`{written}` is no duration: write it like PT1H30M, or P2D for two days"
            ))
        })
    }
}

impl JsonSchema for Length {
    fn schema_name() -> Cow<'static, str> {
        "Length".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": r"^\s*P", "examples": ["PT1H30M"]})
    }

    fn inline_schema() -> bool {
        true
    }
}
