use std::borrow::Cow;
use std::fmt;

use jackfield_plugin_sdk::prelude::*;
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::Error as _;

use super::read::{Offset, day_of, offset_of, time_of};

/// When an event begins or ends: a day, or a time with or without its offset.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::calendar) enum When {
    /// `2026-12-01`: the whole day.
    Day(Date),
    /// `2026-12-01T09:00:00+01:00`, or without the offset where the time zone is told elsewhere.
    Time(DateTime, Option<Offset>),
}

impl When {
    /// RFC 3339, with or without its offset. jiff reads more than that, and its readers alone are a twentieth of the library.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let written = written.trim();
        let (day, rest) = written.split_at_checked(10)?;
        let day = day_of(day)?;
        let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
            return rest.is_empty().then_some(Self::Day(day));
        };
        let time = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (time, offset) = rest.split_at(time);
        let offset = match offset {
            "" => None,
            offset => Some(offset_of(offset)?),
        };
        Some(Self::Time(day.to_datetime(time_of(time)?), offset))
    }

    /// The point in time of a clock.
    pub(in crate::calendar) fn at(unix_seconds: i64) -> Option<Self> {
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        let since = SignedDuration::from_secs(unix_seconds);
        Some(Self::Time(epoch.checked_add(since).ok()?, Some(0)))
    }

    /// So much later. A day stays a day, and a part of one counts as one.
    pub(super) fn later(&self, length: SignedDuration) -> Option<Self> {
        Some(match self {
            Self::Time(time, offset) => Self::Time(time.checked_add(length).ok()?, *offset),
            Self::Day(day) => {
                let end = day.to_datetime(Time::midnight()).checked_add(length).ok()?;
                match end.time() == Time::midnight() {
                    true => Self::Day(end.date()),
                    false => Self::Day(end.date().tomorrow().ok()?),
                }
            }
        })
    }

    /// As Google writes it.
    pub(super) fn body(&self, time_zone: Option<&str>, clears: bool) -> Value {
        let mut body = match self {
            Self::Day(_) => json!({"date": self.to_string()}),
            Self::Time(..) => json!({"dateTime": self.to_string()}),
        };
        let is_day = matches!(self, Self::Day(_));
        if let Some(time_zone) = time_zone.filter(|_| !is_day) {
            body["timeZone"] = time_zone.into();
        }
        // What an event had before is merged with it otherwise.
        if clears && is_day {
            body["dateTime"] = Value::Null;
            body["timeZone"] = Value::Null;
        } else if clears {
            body["date"] = Value::Null;
        }
        body
    }

    pub(super) fn lacks_a_zone(&self) -> bool {
        matches!(self, Self::Time(_, None))
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, time) = match self {
            Self::Day(day) => (*day, None),
            Self::Time(time, offset) => (time.date(), Some((time.time(), offset))),
        };
        write!(f, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day())?;
        let Some((time, offset)) = time else {
            return Ok(());
        };
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        write!(f, "T{hour:02}:{minute:02}:{second:02}")?;
        if time.subsec_nanosecond() != 0 {
            let fraction = format!("{:09}", time.subsec_nanosecond());
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        match offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if *minutes < 0 { '-' } else { '+' };
                let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
                write!(f, "{sign}{hours:02}:{minutes:02}")
            }
        }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        Self::parse(&written).ok_or_else(|| {
            let written: String = written.chars().take(40).collect();
            D::Error::custom(format!(
                "`{written}` is no time: write it like 2026-12-01T09:00:00+01:00, or 2026-12-01 for the whole day"
            ))
        })
    }
}

impl JsonSchema for When {
    fn schema_name() -> Cow<'static, str> {
        "When".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^\s*\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}.*)?$",
            "examples": ["2026-12-01T09:00:00+01:00"],
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        let written = |text: &str| When::parse(text).map(|when| when.to_string());
        for (text, expected) in [
            ("2026-12-01T09:00:00+01:00", "2026-12-01T09:00:00+01:00"),
            ("2026-12-01t09:00-0330", "2026-12-01T09:00:00-03:30"),
            ("2026-12-01 09:00:00.5Z", "2026-12-01T09:00:00.5Z"),
            ("2026-12-01T09:00", "2026-12-01T09:00:00"),
            (" 2026-12-01 ", "2026-12-01"),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "tomorrow",
            "2026-02-30",
            "9:00",
            "2026-12-01T25:00:00Z",
            "2026-12-01T09",
            "2026-12-01T09:00:00+1",
            "2026-12-01T09:00:00+01:75",
            "2026-12-01T09:00[Europe/Berlin]",
            "2026-12-01Z",
            "",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn the_point_of_a_clock_is_written_in_utc() {
        let epoch = When::at(1_767_225_600).unwrap();
        assert_eq!(epoch.to_string(), "2026-01-01T00:00:00Z");
    }
}
