//! Instants, as RFC 3339 texts in and out.
//!
//! An expression has no clock: what it evaluates to would not be the same when a step is tried again, and then its
//! idempotency key would stand for two requests. `run.createdAt` is the instant at which the run was asked for.

use jiff::civil;
use jiff::fmt::rfc2822;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Unit, Zoned, ZonedRound};
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, State, Value};

use super::{named, refused};
use crate::expression::meter;

/// The longest date and the longest format, in bytes.
const MAX_TEXT: usize = 1_000;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("date", date);
    environment.add_filter("date_parse", date_parse);
    environment.add_filter("date_format", date_format);
    environment.add_filter("date_add", date_add);
    environment.add_filter("date_diff", date_diff);
    environment.add_filter("date_floor", date_floor);
    environment.add_filter("timestamp", timestamp);
    environment.add_filter("timestamp_ms", timestamp_ms);
}

fn date(value: &Value, zone: Option<&str>, named: Kwargs) -> Result<String, Error> {
    let zone = zone_argument(zone, &named)?;
    Ok(written(&read(value, zone)?))
}

fn date_parse(
    text: &str,
    format: &str,
    zone: Option<&str>,
    named: Kwargs,
) -> Result<String, Error> {
    let zone = zone_argument(zone, &named)?.unwrap_or(TimeZone::UTC);
    short(text)?;
    short(format)?;
    let faulty =
        |error: jiff::Error| refused(format!("`{text}` is not of the form `{format}`: {error}"));
    let broken_down = jiff::fmt::strtime::parse(format, text).map_err(faulty)?;
    if broken_down.offset().is_some() || broken_down.timestamp().is_some() {
        return Ok(written(&broken_down.to_zoned().map_err(faulty)?));
    }
    let date = broken_down.to_date().map_err(faulty)?;
    let time = broken_down.to_time().unwrap_or(civil::Time::midnight());
    let zoned = date.to_datetime(time).to_zoned(zone).map_err(faulty)?;
    Ok(written(&zoned))
}

fn date_format(
    state: &mut State,
    value: &Value,
    format: &str,
    zone: Option<&str>,
    named: Kwargs,
) -> Result<String, Error> {
    let zone = zone_argument(zone, &named)?;
    short(format)?;
    let date = read(value, zone)?;
    let text = jiff::fmt::strtime::format(format, &date)
        .map_err(|error| refused(format!("`{format}` is no date format: {error}")))?;
    meter::text(state, text.len())?;
    Ok(text)
}

fn date_add(value: &Value, duration: Option<&str>, named: Kwargs) -> Result<String, Error> {
    let date = read(value, zone_argument(None, &named)?)?;
    let mut span = match duration {
        None => Span::new(),
        Some(text) => {
            short(text)?;
            text.parse().map_err(|error| {
                refused(format!(
                    "`{text}` is no ISO 8601 duration, such as P1M or -PT90S: {error}"
                ))
            })?
        }
    };
    for (name, unit) in UNITS {
        if let Some(count) = named.get::<Option<i64>>(name)? {
            span = with(span, unit, count)?;
        }
    }
    named.assert_all_used()?;
    let moved = date.checked_add(span);
    moved
        .map(|date| written(&date))
        .map_err(|error| refused(format!("the date cannot be moved by {span}: {error}")))
}

fn date_diff(from: &Value, to: &Value, unit: Option<&str>, named: Kwargs) -> Result<Value, Error> {
    let unit = match unit {
        Some(unit) => Some(unit),
        None => named.get("unit")?,
    };
    let zone = zone_argument(None, &named)?;
    named.assert_all_used()?;
    let unit = unit_named(unit.unwrap_or("seconds"))?;
    let (from, to) = (read(from, zone.clone())?, read(to, zone)?);
    let to = to.with_time_zone(from.time_zone().clone());
    let between = from
        .until((unit, &to))
        .map_err(|error| refused(error.to_string()))?;
    let exact = unit <= Unit::Hour;
    let total = match exact {
        true => from.duration_until(&to).as_secs_f64() / seconds_of(unit),
        false => f64::from(whole(&between, unit)),
    };
    Ok(match total.fract() == 0.0 && total.abs() < 9e15 {
        true => Value::from(total as i64),
        false => Value::from(total),
    })
}

fn date_floor(
    value: &Value,
    unit: &str,
    zone: Option<&str>,
    named: Kwargs,
) -> Result<String, Error> {
    let date = read(value, zone_argument(zone, &named)?)?;
    let faulty =
        |error: jiff::Error| refused(format!("the date has no start of its {unit}: {error}"));
    let floor = match unit_named(unit)? {
        Unit::Year => date.first_of_year().and_then(|date| date.start_of_day()),
        Unit::Month => date.first_of_month().and_then(|date| date.start_of_day()),
        Unit::Week => {
            let back = i64::from(date.weekday().to_monday_zero_offset());
            date.checked_sub(Span::new().days(back))
                .and_then(|date| date.start_of_day())
        }
        Unit::Day => date.start_of_day(),
        unit => date.round(
            ZonedRound::new()
                .smallest(unit)
                .mode(jiff::RoundMode::Trunc),
        ),
    };
    floor.map(|date| written(&date)).map_err(faulty)
}

fn timestamp(value: &Value) -> Result<i64, Error> {
    Ok(read(value, None)?.timestamp().as_second())
}

fn timestamp_ms(value: &Value) -> Result<i64, Error> {
    Ok(read(value, None)?.timestamp().as_millisecond())
}

/// The units, largest first, as they are called when there are several of them.
const UNITS: [(&str, Unit); 7] = [
    ("years", Unit::Year),
    ("months", Unit::Month),
    ("weeks", Unit::Week),
    ("days", Unit::Day),
    ("hours", Unit::Hour),
    ("minutes", Unit::Minute),
    ("seconds", Unit::Second),
];

fn unit_named(name: &str) -> Result<Unit, Error> {
    let found = UNITS
        .iter()
        .find(|(plural, _)| *plural == name || plural.strip_suffix('s') == Some(name));
    found.map(|(_, unit)| *unit).ok_or_else(|| {
        let names: Vec<_> = UNITS.iter().map(|(name, _)| *name).collect();
        refused(format!(
            "there is no unit `{name}`; there are {}",
            names.join(", ")
        ))
    })
}

fn with(span: Span, unit: Unit, count: i64) -> Result<Span, Error> {
    let set = match unit {
        Unit::Year => span.try_years(count),
        Unit::Month => span.try_months(count),
        Unit::Week => span.try_weeks(count),
        Unit::Day => span.try_days(count),
        Unit::Hour => span.try_hours(count),
        Unit::Minute => span.try_minutes(count),
        _ => span.try_seconds(count),
    };
    set.map_err(|error| refused(error.to_string()))
}

fn whole(span: &Span, unit: Unit) -> i32 {
    match unit {
        Unit::Year => i32::from(span.get_years()),
        Unit::Month => span.get_months(),
        Unit::Week => span.get_weeks(),
        _ => span.get_days(),
    }
}

fn seconds_of(unit: Unit) -> f64 {
    match unit {
        Unit::Hour => 3600.0,
        Unit::Minute => 60.0,
        _ => 1.0,
    }
}

/// The `zone` of a helper, also given by name.
fn zone_argument(zone: Option<&str>, named: &Kwargs) -> Result<Option<TimeZone>, Error> {
    let zone = match zone {
        Some(zone) => Some(zone),
        None if named.has("zone") => named.get("zone")?,
        None => None,
    };
    let Some(name) = zone else { return Ok(None) };
    short(name)?;
    TimeZone::get(name).map(Some).map_err(|_| {
        refused(format!(
            "there is no time zone `{name}`; they are called like Europe/Berlin or UTC"
        ))
    })
}

/// The instant that a value stands for: RFC 3339, RFC 9557, RFC 2822 or an ISO 8601 date, with or without time; a number
/// is seconds since 1970, or milliseconds where it is too large for that. What names no zone is in `zone`, or in UTC.
fn read(value: &Value, zone: Option<TimeZone>) -> Result<Zoned, Error> {
    if let Some(text) = value.as_str() {
        short(text)?;
        return read_text(text.trim(), zone);
    }
    let number: f64 = match value.is_number() {
        true => value.clone().try_into()?,
        false => {
            return Err(refused(format!(
                "a date was expected, not {}",
                named(value)
            )));
        }
    };
    let milliseconds = if number.abs() < 1e11 {
        number * 1000.0
    } else {
        number
    };
    let instant = Timestamp::from_millisecond(milliseconds as i64)
        .map_err(|error| refused(format!("{value} is no instant: {error}")))?;
    Ok(instant.to_zoned(zone.unwrap_or(TimeZone::UTC)))
}

fn read_text(text: &str, zone: Option<TimeZone>) -> Result<Zoned, Error> {
    let no_date = |reason: String| {
        refused(format!(
            "`{text}` is no date ({reason}); write it like 2026-03-29T12:00:00Z, or say its form with `date_parse`"
        ))
    };
    let pieces = match Pieces::parse(text) {
        Ok(pieces) => pieces,
        Err(error) => {
            let date = rfc2822::parse(text).map_err(|_| no_date(error.to_string()))?;
            return Ok(in_zone(date, zone));
        }
    };
    let faulty = |error: jiff::Error| no_date(error.to_string());
    let time = pieces.time().unwrap_or(civil::Time::midnight());
    let civil = pieces.date().to_datetime(time);
    let annotated = pieces
        .time_zone_annotation()
        .map(|annotation| annotation.to_time_zone())
        .transpose()
        .map_err(faulty)?;
    let date = match (pieces.to_numeric_offset(), annotated) {
        (Some(offset), annotated) => {
            let instant = offset.to_timestamp(civil).map_err(faulty)?;
            instant.to_zoned(annotated.unwrap_or_else(|| TimeZone::fixed(offset)))
        }
        (None, Some(annotated)) => civil.to_zoned(annotated).map_err(faulty)?,
        (None, None) => {
            let zone = zone.clone().unwrap_or(TimeZone::UTC);
            return civil.to_zoned(zone).map_err(faulty);
        }
    };
    Ok(in_zone(date, zone))
}

fn in_zone(date: Zoned, zone: Option<TimeZone>) -> Zoned {
    match zone {
        Some(zone) => date.with_time_zone(zone),
        None => date,
    }
}

/// RFC 3339 with the offset of the zone.
fn written(date: &Zoned) -> String {
    let (instant, offset) = (date.timestamp(), date.offset());
    match offset.is_zero() {
        true => instant.to_string(),
        false => instant.display_with_offset(offset).to_string(),
    }
}

fn short(text: &str) -> Result<(), Error> {
    match text.len() > MAX_TEXT {
        true => Err(refused(format!("the text is longer than {MAX_TEXT} bytes"))),
        false => Ok(()),
    }
}
