use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_storage::access::Read;
use jackfield_storage::blob::{self, Blob};

use super::App;
use super::authorize::authorize;
use super::response::error;

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
    let permit = authorize::<Read>(app, headers).await?;
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
