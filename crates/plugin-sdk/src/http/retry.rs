//! When to try again, by what a response says.

use std::time::Duration;

/// Whether a status may be different next time.
pub(super) fn is_worth_retrying(status: u16) -> bool {
    match status {
        408 | 425 | 429 => true,
        501 | 505 => false,
        _ => status >= 500,
    }
}

/// How long to wait. A date is read against the response's own `Date`, so no clock is needed.
pub(super) fn retry_after<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    if let Some(ms) = header("retry-after-ms").and_then(|value| value.trim().parse().ok()) {
        return Some(Duration::from_millis(ms));
    }
    let value = header("retry-after")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = unix_seconds(value)?;
    let now = unix_seconds(header("date")?.trim())?;
    Some(Duration::from_secs(then.saturating_sub(now)))
}

/// How long until a limit ends, which is told in seconds since 1970 (as everybody's clock shows more than 10⁹ of them) or
/// from now, possibly with a fraction.
pub(super) fn reset_after(value: &str, date: Option<&str>) -> Option<Duration> {
    let seconds: f64 = value
        .trim()
        .parse()
        .ok()
        .filter(|seconds| *seconds >= 0.0)?;
    let wait = match seconds < 1e9 {
        true => seconds,
        false => (seconds - unix_seconds(date?.trim())? as f64).max(0.0),
    };
    Duration::try_from_secs_f64(wait).ok()
}

/// Reads an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 section 5.6.7.
fn unix_seconds(date: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = date.split_once(", ")?;
    let mut parts = date.strip_suffix(" GMT")?.split([' ', ':']);
    let day: u64 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let year: u64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|year| (1970..=9999).contains(year))?;
    let mut time = parts.map_while(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (time.next()?, time.next()?, time.next()?);
    if day > 31 || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 0000-03-01, with years that begin in March, less those until 1970-01-01.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&str, &'static str)]) -> Option<u64> {
        let find = |name: &str| {
            headers
                .iter()
                .find(|header| header.0 == name)
                .map(|header| header.1)
        };
        retry_after(find).map(|wait| wait.as_millis().try_into().unwrap())
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_understood() {
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "120")]), Some(120_000));
        assert_eq!(
            wait(&[("retry-after", "2"), ("retry-after-ms", "1500")]),
            Some(1_500)
        );
        let date = ("date", "Wed, 28 Feb 2024 23:59:30 GMT");
        assert_eq!(
            wait(&[date, ("retry-after", "Thu, 29 Feb 2024 00:00:00 GMT")]),
            Some(30_000)
        );
        assert_eq!(
            wait(&[date, ("retry-after", "Wed, 28 Feb 2024 23:00:00 GMT")]),
            Some(0)
        );
        assert_eq!(
            wait(&[("retry-after", "Thu, 29 Feb 2024 00:00:00 GMT")]),
            None
        );
        assert_eq!(wait(&[date, ("retry-after", "soon")]), None);
    }

    #[test]
    fn the_end_of_a_limit_is_told_in_two_ways() {
        let wait = |value: &str, date| reset_after(value, date).map(|wait| wait.as_millis());
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait("2.5", None), Some(2_500));
        assert_eq!(wait("784111780", None), Some(784_111_780_000));
        assert_eq!(wait("1784111780", date), Some(1_000_000_003_000));
        assert_eq!(wait("1784111780", None), None);
        assert_eq!(wait("-1", date), None);
        assert_eq!(wait("soon", date), None);
    }

    #[test]
    fn dates_count_from_1970() {
        assert_eq!(
            unix_seconds("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
        assert_eq!(unix_seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(unix_seconds("Sun, 06 Nov 0994 08:49:37 GMT"), None);
    }

    #[test]
    fn what_may_pass_is_worth_another_try() {
        let worth: Vec<u16> = (100..600)
            .filter(|status| is_worth_retrying(*status))
            .take(8)
            .collect();
        assert_eq!(worth, [408, 425, 429, 500, 502, 503, 504, 506]);
    }
}
