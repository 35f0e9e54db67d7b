//! Pages of other origins (the Fetch standard, CORS protocol). No cookies are in use, so that no page has powers that it does not bring
//! itself: an origin that is let in still needs a token.

use std::time::Duration;

use axum::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method, request};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::request_id::REQUEST_ID;
use crate::config::AllowedOrigins;

/// How long a browser need not ask again.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// Lets pages of these origins send requests and read the answers.
pub fn allow(origins: AllowedOrigins) -> CorsLayer {
    let allowed = move |origin: &HeaderValue, head: &request::Parts| {
        let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
        let origin = origin.to_str().ok();
        origin.is_some() && origins.allows(origin, host)
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            ACCEPT,
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_NONE_MATCH,
            HeaderName::from_static("last-event-id"),
            // Apollo's clients send it with queries by GET.
            HeaderName::from_static("apollo-require-preflight"),
        ])
        .expose_headers([ETAG, RETRY_AFTER, REQUEST_ID])
        .max_age(REMEMBERED)
}
