use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jackfield_storage::Timestamp;

/// An instant in UTC, such as `2026-01-31T09:30:00.5Z` (RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

/// An instant in UTC, such as `2026-01-31T09:30:00.5Z` (RFC 3339).
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        text.parse().map(Self).map_err(|_| {
            InputValueError::custom(
                "must be an instant with its offset from UTC, such as 2026-01-31T09:30:00Z",
            )
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp)
    }
}
