use std::sync::Arc;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::App;

const PAGE: &str = include_str!("../graphiql/page.html");
const SCRIPT: &[u8] = include_bytes!("../graphiql/dist/page.js.gz");
const STYLE: &[u8] = include_bytes!("../graphiql/dist/page.css.gz");
const LICENSES: &[u8] = include_bytes!("../graphiql/dist/LICENSES.txt");

/// Only what the page itself brings may run. GraphiQL sets styles from scripts, and embeds small images and fonts.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The GraphiQL page and what it is made of, all from the binary.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(page))
        .route(
            "/graphiql/page.js",
            get(|| asset("text/javascript; charset=utf-8", SCRIPT, true)),
        )
        .route(
            "/graphiql/page.css",
            get(|| asset("text/css; charset=utf-8", STYLE, true)),
        )
        .route(
            "/graphiql/licenses.txt",
            get(|| asset("text/plain; charset=utf-8", LICENSES, false)),
        )
}

async fn page() -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, PAGE).into_response()
}

/// A file of the page. Every browser takes gzip, so the compressed form is the only one that is kept.
async fn asset(content_type: &'static str, bytes: &'static [u8], compressed: bool) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-cache"),
    ];
    let mut response = (StatusCode::OK, headers, bytes).into_response();
    if compressed {
        response.headers_mut().insert(
            CONTENT_ENCODING,
            axum::http::HeaderValue::from_static("gzip"),
        );
    }
    response
}
