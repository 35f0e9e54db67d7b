use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// An absolute URL, such as `https://example.com/hooks/1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(pub url::Url);

/// An absolute URL, such as `https://example.com/hooks/1`.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        url::Url::parse(text).map(Self).map_err(|_| {
            InputValueError::custom("must be an absolute URL, such as https://example.com/")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
