use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use jackfield_storage::Clock;
use tracing::Instrument;

use super::App;
use super::slow::limited;

/// The header that tells a client under which name the log knows its request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The name under which the log knows a request; sent back as `x-request-id`.
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    fn fresh(clock: &Clock) -> Arc<str> {
        let mut random = [0; 10];
        clock.random(&mut random);
        let number = random
            .iter()
            .fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        format!("req_{number:020x}").into()
    }

    /// The id that [`trace`] gave to a request.
    pub fn of(extensions: &Extensions) -> Arc<str> {
        extensions
            .get::<Self>()
            .map_or_else(|| "none".into(), |id| id.0.clone())
    }
}

/// Gives each request an id and its body a time to come, puts the id on every log line of the request, and logs how the request ended.
///
/// The route is logged, not the path: the path of an inbound webhook is its secret address.
pub async fn trace(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::fresh(app.clock());
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!("request", request_id = %id, method = %request.method(), route);
    let started = Instant::now();
    let request = limited(request, app.body_timeout);
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), ?took, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
