//! ISO 8601 durations, `PT1M30S`, as far as they mean the same everywhere: weeks, days of 24 hours, hours, minutes, seconds.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Parses an ISO 8601 duration; the error says what is wrong with it.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let faulty = |reason: String| {
        format!("`{text}` is no ISO 8601 duration ({reason}); write for example PT30S, PT5M or P1D")
    };
    if !text.starts_with(['P', 'p']) {
        return Err(faulty("it has to start with P".to_owned()));
    }
    let span: Span = text
        .parse()
        .map_err(|error: jiff::Error| faulty(error.to_string()))?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(faulty(
            "years and months are not always equally long".to_owned(),
        ));
    }
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|error| faulty(error.to_string()))?;
    Duration::try_from(duration).map_err(|_| faulty("it is negative".to_owned()))
}

/// The shortest way to write a duration.
pub fn format_duration(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .unwrap_or(SignedDuration::MAX)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ones() {
        assert_eq!(parse_duration("PT30S"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_duration("PT0.25S"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("P1DT1H"), Ok(Duration::from_secs(25 * 3600)));
        assert_eq!(
            parse_duration("P2W"),
            Ok(Duration::from_secs(14 * 24 * 3600))
        );
        assert_eq!(format_duration(Duration::from_millis(90_500)), "PT1M30.5S");
    }

    #[test]
    fn what_is_none_says_why() {
        for wrong in ["30s", "", "P1M", "P1Y", "-PT1S", "PT", "PTxS", "P"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
        insta::assert_snapshot!(
            parse_duration("30s").unwrap_err(),
            @"`30s` is no ISO 8601 duration (it has to start with P); write for example PT30S, PT5M or P1D"
        );
    }
}
