//! Times of events: <https://developers.google.com/workspace/calendar/api/concepts/events-calendars>.

use std::borrow::Cow;
use std::fmt;

use jackfield_plugin_sdk::prelude::*;
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
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

/// East of Greenwich, in minutes.
pub(super) type Offset = i32;

impl When {
    /// RFC 3339, with or without its offset. jiff reads more than that, and its readers alone are a twentieth of the library.
    fn parse(written: &str) -> Option<Self> {
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
    pub(super) fn at(unix_seconds: i64) -> Option<Self> {
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        let since = SignedDuration::from_secs(unix_seconds);
        Some(Self::Time(epoch.checked_add(since).ok()?, Some(0)))
    }

    /// So much later. A day stays a day, and a part of one counts as one.
    fn later(&self, length: SignedDuration) -> Option<Self> {
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
    fn body(&self, time_zone: Option<&str>, clears: bool) -> Value {
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

    fn lacks_a_zone(&self) -> bool {
        matches!(self, Self::Time(_, None))
    }
}

/// `2026-12-01`.
fn day_of(written: &str) -> Option<Date> {
    let mut parts = written.split('-');
    let year = digits(parts.next()?, 4)?;
    let (month, day) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let day = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    day.ok().filter(|_| parts.next().is_none())
}

/// `09:00`, `09:00:00` or `09:00:00.5`.
fn time_of(written: &str) -> Option<Time> {
    let mut parts = written.trim_end().split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (second, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "0")),
        None => ("00", "0"),
    };
    let is_fraction = !fraction.is_empty()
        && fraction.len() <= 9
        && fraction.bytes().all(|digit| digit.is_ascii_digit());
    let nanoseconds: i32 = format!("{fraction:0<9}")
        .parse()
        .ok()
        .filter(|_| is_fraction)?;
    let small = |number: i16| i8::try_from(number).ok();
    let time = Time::new(
        small(hour)?,
        small(minute)?,
        small(digits(second, 2)?)?,
        nanoseconds,
    );
    time.ok().filter(|_| parts.next().is_none())
}

/// `Z`, `+01:00`, `-0330` or `+01`.
fn offset_of(written: &str) -> Option<Offset> {
    if written.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if written.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = written.get(1..)?.split_at_checked(2)?;
    let minutes = match minutes.trim_start_matches(':') {
        "" => 0,
        minutes => digits(minutes, 2)?,
    };
    let offset = i32::from(digits(hours, 2)?) * 60 + i32::from(minutes);
    (minutes < 60 && offset <= 18 * 60).then_some(sign * offset)
}

/// A number of exactly so many digits.
fn digits(written: &str, count: usize) -> Option<i16> {
    let is_number = written.len() == count && written.bytes().all(|digit| digit.is_ascii_digit());
    written.parse().ok().filter(|_| is_number)
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
pub(super) struct Length(SignedDuration);

impl Length {
    /// `PT1H30M`, `P2D`, `P1W`; years and months have no length of their own.
    fn parse(written: &str) -> Option<Self> {
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
            When::Day(_) => SignedDuration::from_hours(24),
            When::Time(..) => SignedDuration::from_hours(1),
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
            (None, Some(start), Some(Length(length))) => {
                let end = start.later(length);
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
    fn an_end_is_so_much_later() {
        let later = |start: &str, length: &str| {
            let Length(length) = Length::parse(length).unwrap();
            When::parse(start)
                .unwrap()
                .later(length)
                .unwrap()
                .to_string()
        };
        assert_eq!(
            later("2026-12-31T23:30:00-05:00", "PT1H30M"),
            "2027-01-01T01:00:00-05:00"
        );
        assert_eq!(later("2028-02-28", "P2D"), "2028-03-01");
        assert_eq!(later("2026-12-01", "PT4H"), "2026-12-02");
        assert_eq!(later("2026-12-01", "P1W1DT24H"), "2026-12-10");
        for length in ["", "P", "PT", "PT0S", "P1M", "1H", "PTH", "P1DT1D", "-PT1H"] {
            assert!(Length::parse(length).is_none(), "{length}");
        }
        let epoch = When::at(1_767_225_600).unwrap();
        assert_eq!(epoch.to_string(), "2026-01-01T00:00:00Z");
    }
}
