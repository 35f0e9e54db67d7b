use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use axum::response::Response;

use super::App;
use super::response::error;

/// The body of a request over REST.
///
/// # Errors
///
/// The response that says that it is too large: 413.
pub async fn read(app: &App, body: Body) -> Result<Bytes, Box<Response>> {
    let read = to_bytes(body, app.max_body_bytes).await;
    read.map_err(|_| {
        let message = format!("The body is larger than {} bytes.", app.max_body_bytes);
        Box::new(error(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", message))
    })
}
