use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use jackfield_storage::access::{Permission, Permit};

use super::App;
use super::response::error;
use crate::auth::{AuthError, bearer};

/// The proof that the sender of a request to a route that is not GraphQL may do `P`.
///
/// # Errors
///
/// The response that refuses the token: 401, 403, or 503 when it cannot be checked.
pub async fn authorize<P: Permission>(
    app: &App,
    headers: &HeaderMap,
) -> Result<Permit<P>, Response> {
    let token = bearer(headers)
        .and_then(|token| token.ok_or(AuthError::NoBearer))
        .map_err(|error| refuse(&error))?;
    let authenticated = app.auth.authenticate(token).await;
    authenticated
        .map_err(|error| refuse(&error))?
        .principal
        .permit()
        .map_err(|denied| error(StatusCode::FORBIDDEN, "FORBIDDEN", denied))
}

fn refuse(cause: &AuthError) -> Response {
    let mut response = error(cause.status(), "UNAUTHENTICATED", cause);
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
