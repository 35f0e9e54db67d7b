//! The parts of a time as RFC 3339 writes it.

use jiff::civil::{Date, Time};

/// East of Greenwich, in minutes.
pub(super) type Offset = i32;

/// `2026-12-01`.
pub(super) fn day_of(written: &str) -> Option<Date> {
    let mut parts = written.split('-');
    let year = digits(parts.next()?, 4)?;
    let (month, day) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let day = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    day.ok().filter(|_| parts.next().is_none())
}

/// `09:00`, `09:00:00` or `09:00:00.5`.
pub(super) fn time_of(written: &str) -> Option<Time> {
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
pub(super) fn offset_of(written: &str) -> Option<Offset> {
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
