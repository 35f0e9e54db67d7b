use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// How long to wait for a whole response: an ISO 8601 duration of hours, minutes and seconds, or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeout(pub(crate) Duration);

const PATTERN: &str = r"^PT\d[\dHMS.]*[HMS]$";
const MOST_SECONDS: f64 = 3600.0;

impl Default for Timeout {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

impl Timeout {
    fn from_seconds(seconds: f64) -> Option<Self> {
        let allowed = seconds > 0.0 && seconds <= MOST_SECONDS;
        allowed.then(|| Self(Duration::from_secs_f64(seconds)))
    }

    fn from_iso(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix("PT").filter(|rest| !rest.is_empty())?;
        let mut seconds = 0.0;
        for (unit, factor) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
            if let Some((number, after)) = rest.split_once(unit) {
                let is_number = number
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.');
                let number: f64 = number.parse().ok().filter(|_| is_number)?;
                seconds += number * factor;
                rest = after;
            }
        }
        Self::from_seconds(seconds).filter(|_| rest.is_empty())
    }
}

impl<'de> Deserialize<'de> for Timeout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeoutVisitor)
    }
}

struct TimeoutVisitor;

impl TimeoutVisitor {
    fn check<E: Error>(timeout: Option<Timeout>) -> Result<Timeout, E> {
        timeout.ok_or_else(|| {
            E::custom("timeout has to be a duration such as PT30S, or a number of seconds, up to one hour")
        })
    }
}

impl Visitor<'_> for TimeoutVisitor {
    type Value = Timeout;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as PT30S, or a number of seconds")
    }

    fn visit_unit<E: Error>(self) -> Result<Timeout, E> {
        Ok(Timeout::default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timeout, E> {
        Self::check(Timeout::from_iso(text))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Timeout, E> {
        Self::check(Timeout::from_seconds(seconds))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Timeout, E> {
        self.visit_f64(seconds as f64)
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Timeout, E> {
        self.visit_f64(seconds as f64)
    }
}

impl JsonSchema for Timeout {
    fn schema_name() -> Cow<'static, str> {
        "Timeout".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number", "null"],
            "pattern": PATTERN,
            "exclusiveMinimum": 0,
            "maximum": MOST_SECONDS,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(json: &str) -> Option<u128> {
        let timeout: Result<Timeout, _> = serde_json::from_str(json);
        timeout.ok().map(|timeout| timeout.0.as_millis())
    }

    #[test]
    fn durations_and_seconds_are_understood() {
        assert_eq!(millis(r#""PT30S""#), Some(30_000));
        assert_eq!(millis(r#""PT1M0.5S""#), Some(60_500));
        assert_eq!(millis(r#""PT1H""#), Some(3_600_000));
        assert_eq!(millis("2.5"), Some(2_500));
        assert_eq!(millis("5"), Some(5_000));
        assert_eq!(millis("null"), Some(30_000));
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "0",
            "-1",
            "3601",
            "\"\"",
            "\"PT\"",
            "\"PT0S\"",
            "\"30S\"",
            "\"PT1S1M\"",
            "\"PTnanS\"",
            "\"P1D\"",
            "true",
        ] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}
