use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_storage::access::Read;
use jackfield_storage::blob::{self, Blob};

use super::App;
use super::response::error;
use crate::auth::{AuthError, bearer};

/// Sends the bytes of a blob to somebody who may read.
pub async fn download(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match find(&app, &id, &headers).await {
        Ok(blob) => send(blob),
        Err(response) => response,
    }
}

async fn find(app: &App, id: &str, headers: &HeaderMap) -> Result<Blob, Response> {
    let token = bearer(headers)
        .and_then(|token| token.ok_or(AuthError::NoBearer))
        .map_err(|error| refuse(&error))?;
    let principal = app
        .auth
        .authenticate(token)
        .await
        .map_err(|error| refuse(&error))?
        .principal;
    let permit = principal
        .permit::<Read>()
        .map_err(|denied| error(StatusCode::FORBIDDEN, "FORBIDDEN", denied))?;
    let missing = || {
        error(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "There is no such blob in this workspace.",
        )
    };
    let id = id.parse().map_err(|_| missing())?;
    let found = blob::find(app.store.reader(), &permit, id)
        .await
        .map_err(|cause| {
            tracing::error!(%cause, "a blob cannot be read");
            error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL",
                "The blob cannot be read.",
            )
        })?;
    found.ok_or_else(missing)
}

fn refuse(cause: &AuthError) -> Response {
    let mut response = error(cause.status(), "UNAUTHENTICATED", cause);
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// Somebody else decided what is in a blob, so no browser may take it for a page of this server.
fn send(blob: Blob) -> Response {
    let content_type = HeaderValue::from_str(&blob.content_type);
    let headers = [
        (
            CONTENT_TYPE,
            content_type.unwrap_or(HeaderValue::from_static("application/octet-stream")),
        ),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, blob.data).into_response()
}
