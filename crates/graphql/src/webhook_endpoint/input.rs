use async_graphql::{InputObject, MaybeUndefined};
use jackfield_webhooks::outbound::{EndpointInput, HeaderInput};
use serde_json::Value;

use super::authentication::EndpointAuthenticationInput;
use super::kinds::{DeliveryOrdering, SignatureHeaders};
use crate::scalars::{Duration, JsonScalar};

/// A header that is sent besides.
#[derive(InputObject)]
pub struct CustomHeaderInput {
    /// Its name.
    name: String,
    /// Its value, which is not shown again. Without one the header keeps the value that it has.
    value: Option<String>,
}

/// How an endpoint is sent to. What is not given gets its default, or stays.
#[derive(InputObject, Default)]
pub struct DeliveryOptionsInput {
    /// Headers that are sent besides, in place of earlier ones; 20 at most. When `url` leads to another host than before, their
    /// values have to be given again.
    custom_headers: Option<Vec<CustomHeaderInput>>,
    /// How the server proves itself, besides by its signature. When `url` leads to another host than before, it has to be given
    /// again.
    authentication: Option<EndpointAuthenticationInput>,
    /// What the headers of the signature are called; `WEBHOOK` by default.
    signature_headers: Option<SignatureHeaders>,
    /// How many requests a second it gets at most, up to 10000; 0, the default, for no limit.
    rate_limit: Option<i32>,
    /// How long it may take to answer, from PT1S to PT60S; PT30S by default.
    timeout: Option<Duration>,
    /// In which order it gets its events; `PARALLEL` by default.
    ordering: Option<DeliveryOrdering>,
    /// With a strict order: the path in the data at which the key is found, such as `customer.id`. The order then holds among
    /// events with the same key. An empty one means that it holds among all.
    ordering_key: Option<String>,
    /// Only events for which this expression is true are sent, such as `{{ event.data.cents > 1000 }}`. In scope is `event` with
    /// `id`, `type`, `data` and `occurredAt`. An expression that fails is not true. An empty one takes the filter away.
    filter: Option<String>,
    /// What is sent in place of `{type, timestamp, data}`: JSON with expressions about `event` in its strings. Null brings the
    /// usual body back.
    transformation: MaybeUndefined<JsonScalar>,
}

impl From<CustomHeaderInput> for HeaderInput {
    fn from(given: CustomHeaderInput) -> Self {
        Self {
            name: given.name,
            value: given.value.map(Into::into),
        }
    }
}

impl DeliveryOptionsInput {
    pub fn put_into(self, input: &mut EndpointInput) {
        let headers = self.custom_headers;
        input.headers = headers.map(|headers| headers.into_iter().map(Into::into).collect());
        input.authentication = match self.authentication {
            None | Some(EndpointAuthenticationInput::None(false)) => None,
            Some(given) => Some(given.into()),
        };
        input.header_style = self.signature_headers.map(Into::into);
        input.rate_limit = self.rate_limit;
        let millis = |timeout: Duration| i64::try_from(timeout.0.as_millis()).unwrap_or(i64::MAX);
        input.timeout_ms = self.timeout.map(millis);
        input.ordering = self.ordering.map(Into::into);
        input.ordering_path = self.ordering_key;
        input.filter = self.filter;
        input.transformation = match self.transformation {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(Value::Null),
            MaybeUndefined::Value(wanted) => Some(wanted.0.value()),
        };
    }
}
