use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::SignedDuration;

/// A length of time, such as `PT1H30M` (ISO 8601). Days count 24 hours; months and years have no fixed length and are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration(pub SignedDuration);

/// A length of time, such as `PT1H30M` (ISO 8601). Days count 24 hours; months and years have no fixed length and are refused.
#[Scalar(
    name = "Duration",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#appendix-A"
)]
impl ScalarType for Duration {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        parse(text).map(Self).ok_or_else(|| {
            InputValueError::custom("must be an ISO 8601 duration, such as PT30S or P1DT12H")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

fn parse(text: &str) -> Option<SignedDuration> {
    let span: jiff::Span = text.starts_with('P').then(|| text.parse().ok())??;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_shows_iso_8601() {
        assert_eq!(parse("PT1H30M"), Some(SignedDuration::from_mins(90)));
        assert_eq!(parse("P1DT12H"), Some(SignedDuration::from_hours(36)));
        assert_eq!(
            Duration(SignedDuration::from_mins(90)).to_value(),
            Value::from("PT1H30M")
        );
    }

    #[test]
    fn refuses_lengths_that_vary_and_other_notations() {
        for text in ["P1M", "P1Y", "90 minutes", "1h", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
