//! Times of events: <https://developers.google.com/workspace/calendar/api/concepts/events-calendars>.

use std::borrow::Cow;
use std::fmt;

use jackfield_plugin_sdk::prelude::*;
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::Error as _;

use crate::api::invalid;

/// When an event begins or ends: a day, or a time with or without its offset.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// `2026-12-01`: the whole day.
    Day(Date),
    /// `2026-12-01T09:00:00+01:00`, or without the offset where the time zone is told elsewhere.
    Time(DateTime, Option<Offset>),
}

impl When {
    fn parse(written: &str) -> Option<Self> {
        let written = written.trim();
        let pieces = Pieces::parse(written).ok()?;
        Some(match (pieces.time(), pieces.to_numeric_offset()) {
            // Of a time zone in brackets nothing would be left.
            _ if pieces.time_zone_annotation().is_some() => return None,
            (None, None) => Self::Day(pieces.date()),
            (None, Some(_)) => return None,
            (Some(time), offset) => Self::Time(pieces.date().to_datetime(time), offset),
        })
    }

    /// So much later. A day stays a day, and a part of one counts as one.
    fn later(&self, span: Span) -> Option<Self> {
        Some(match self {
            Self::Time(time, offset) => Self::Time(time.checked_add(span).ok()?, *offset),
            Self::Day(day) => {
                let end = day.to_datetime(Time::midnight()).checked_add(span).ok()?;
                match end.time() == Time::midnight() {
                    true => Self::Day(end.date()),
                    false => Self::Day(end.date().tomorrow().ok()?),
                }
            }
        })
    }

    /// As Google writes it.
    fn body(&self, time_zone: Option<&str>, clears: bool) -> Value {
        let mut body = match self {
            Self::Day(day) => json!({"date": day.to_string()}),
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

    fn lacks_a_zone(&self) -> bool {
        matches!(self, Self::Time(_, None))
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Time(time, None) => write!(f, "{time}"),
            Self::Time(time, Some(offset)) => {
                let minutes = offset.seconds() / 60;
                let sign = if minutes < 0 { '-' } else { '+' };
                let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
                match (hours, minutes) {
                    (0, 0) => write!(f, "{time}Z"),
                    _ => write!(f, "{time}{sign}{hours:02}:{minutes:02}"),
                }
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

/// A point in time, RFC 3339 with its offset.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Instant(When);

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

/// How long, ISO 8601.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length(Span);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        let span = written.trim().parse::<Span>().ok();
        span.filter(|span| span.is_positive())
            .map(Self)
            .ok_or_else(|| {
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
        json_schema!({"type": "string", "pattern": r"^\s*\+?P", "examples": ["PT1H30M"]})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// From when to when.
#[derive(Config)]
pub(super) struct Times {
    /// When it begins, such as `2026-12-01T09:00:00+01:00`; `2026-12-01` for the whole day. Without an offset it is the time of the
    /// time zone below.
    #[field(placeholder = "2026-12-01T09:00:00+01:00")]
    pub(super) start: Option<When>,
    /// When it ends. For whole days this is the day after the last one.
    #[field(placeholder = "2026-12-01T10:30:00+01:00")]
    pub(super) end: Option<When>,
    /// How long it takes, where nothing says when it ends.
    #[field(placeholder = "PT1H30M")]
    pub(super) duration: Option<Length>,
    /// The time zone of both times, such as `Europe/Berlin`. Needed where they have no offset, and for events that recur.
    #[field(placeholder = "Europe/Berlin", example = "Europe/Berlin")]
    pub(super) time_zone: Option<String>,
}

impl Times {
    pub(super) fn time_zone(&self) -> Option<&str> {
        self.time_zone.as_deref().filter(|zone| !zone.is_empty())
    }

    /// When it ends: an hour or a day after the start where nothing says so.
    ///
    /// # Errors
    /// When the event would have no start.
    pub(super) fn whole(self) -> Result<Self> {
        let Some(start) = &self.start else {
            return Err(invalid("start is missing: it says when the event begins."));
        };
        let usual = match start {
            When::Day(_) => Span::new().days(1),
            When::Time(..) => Span::new().hours(1),
        };
        let duration = self.duration.unwrap_or(Length(usual));
        Ok(Self {
            duration: Some(duration),
            ..self
        })
    }

    /// The members `start` and `end` of a body, as far as they are said.
    ///
    /// # Errors
    /// When they do not fit together, or nobody knows in which time zone they are.
    pub(super) fn body(&self, clears: bool) -> Result<Value> {
        let end = match (&self.end, &self.start, self.duration) {
            (Some(end), ..) => Some(end.clone()),
            (None, Some(start), Some(Length(span))) => {
                let end = start.later(span);
                Some(end.ok_or_else(|| invalid("duration leads to a time that there is not."))?)
            }
            (None, None, Some(_)) => {
                return Err(invalid(
                    "start is missing: the duration says nothing without it.",
                ));
            }
            (None, _, None) => None,
        };
        let is_day = |when: &When| matches!(when, When::Day(_));
        if let (Some(start), Some(end)) = (&self.start, &end)
            && is_day(start) != is_day(end)
        {
            return Err(invalid(
                "start and end have to be days both, or times both.",
            ));
        }
        let mut body = json!({});
        for (name, when) in [("start", &self.start), ("end", &end)] {
            let Some(when) = when else { continue };
            if when.lacks_a_zone() && self.time_zone().is_none() {
                return Err(invalid(format!(
                    "{name} has no time zone: write it like {when}+01:00, or fill in timeZone."
                )));
            }
            body[name] = when.body(self.time_zone(), clears);
        }
        Ok(body)
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
        for text in ["tomorrow", "2026-02-30", "9:00", "2026-12-01T25:00:00Z", ""] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn an_end_is_so_much_later() {
        let later = |start: &str, length: &str| {
            let span: Span = length.parse().unwrap();
            When::parse(start).unwrap().later(span).unwrap().to_string()
        };
        assert_eq!(
            later("2026-12-31T23:30:00-05:00", "PT1H30M"),
            "2027-01-01T01:00:00-05:00"
        );
        assert_eq!(later("2028-02-28", "P2D"), "2028-03-01");
        assert_eq!(later("2026-12-01", "PT4H"), "2026-12-02");
    }
}
