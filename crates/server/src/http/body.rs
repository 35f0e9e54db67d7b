use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::App;
use super::response::error;
use super::slow::TooSlow;

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is larger than it may be, or says that it is. It was not read any further.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// The connection broke, or what came is not HTTP.
    Broken,
}

impl Unread {
    /// What the sender is told, of a body of at most `max` bytes.
    pub fn response(self, max: usize) -> Response {
        match self {
            Self::TooLarge => {
                let message = format!("The body is larger than {max} bytes.");
                error(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", message)
            }
            Self::TooSlow => {
                let message = "The body did not come in time.";
                error(StatusCode::REQUEST_TIMEOUT, "TOO_SLOW", message)
            }
            Self::Broken => {
                let message = "The body cannot be read.";
                error(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
            }
        }
    }
}

/// Takes a body of at most `max` bytes. One that says that it is larger is refused before any of it is read.
pub async fn take(headers: &HeaderMap, body: Body, max: usize) -> Result<Bytes, Unread> {
    let said = headers.get(CONTENT_LENGTH);
    let said = said.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > max as u64) {
        return Err(Unread::TooLarge);
    }
    to_bytes(body, max).await.map_err(|error| {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if error.is::<TooSlow>() {
                return Unread::TooSlow;
            }
            if error.is::<http_body_util::LengthLimitError>() {
                return Unread::TooLarge;
            }
            cause = error.source();
        }
        Unread::Broken
    })
}

/// The body of a request over REST.
///
/// # Errors
///
/// The response that says why it was not taken.
pub async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, Box<Response>> {
    let taken = take(headers, body, app.max_body_bytes).await;
    taken.map_err(|unread| Box::new(unread.response(app.max_body_bytes)))
}
