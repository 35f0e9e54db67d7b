use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::App;
use super::response::error;

/// Answers as long as the process can.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Answers 200 when requests can be served: the database reads, the writer commits, and the server is not stopping.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let not_ready = |why: &str| error(StatusCode::SERVICE_UNAVAILABLE, "NOT_READY", why);
    if app.shutdown.is_requested() {
        return not_ready("The server is stopping.");
    }
    match app.store.check().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            not_ready("The database does not answer.")
        }
    }
}
