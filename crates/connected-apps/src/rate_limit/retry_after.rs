//! How long another side wants to be left alone (RFC 9110, section 10.2.3).

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jackfield_storage::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The pause that the header asks for, in seconds or as a date; none without a header that can be read.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Timestamp::from(then).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(value: &'static str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers, "1994-11-06T08:49:30Z".parse().unwrap())
    }

    #[test]
    fn reads_seconds_and_dates() {
        assert_eq!(pause("120"), Some(Duration::from_secs(120)));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(pause(date), Some(Duration::from_secs(7)));
        let past = "Sun, 06 Nov 1994 08:00:00 GMT";
        assert_eq!(pause(past), Some(Duration::ZERO));
        assert_eq!(pause("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::EPOCH), None);
    }
}
