use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::RunId;
use jackfield_storage::run::{self, Run, RunStatus};
use jackfield_storage::{Change, Changes, StorageError, inbound_hook};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use crate::http::App;
use crate::http::response::error;

/// Waits until a run is over and answers with what it came to.
pub async fn for_run(app: &App, run: RunId, token: &str, changes: Changes) -> Response {
    match timeout(app.respond_timeout, finished(app, run, token, changes)).await {
        Ok(Ok(Some(run))) => answer(&run),
        Ok(Ok(None)) => error(
            StatusCode::SERVICE_UNAVAILABLE,
            "UNAVAILABLE",
            format!("The server is stopping; {run} goes on later."),
        ),
        Ok(Err(cause)) => {
            tracing::error!(%cause, run_id = %run, "a run that is waited for cannot be read");
            error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL",
                format!("{run} was started, but cannot be read."),
            )
        }
        Err(_) => error(
            StatusCode::GATEWAY_TIMEOUT,
            "TIMEOUT",
            format!("{run} was started and is not over yet."),
        ),
    }
}

/// The run once it is over; `None` when the server stops first.
async fn finished(
    app: &App,
    id: RunId,
    token: &str,
    mut changes: Changes,
) -> Result<Option<Run>, StorageError> {
    loop {
        let received = tokio::select! {
            received = changes.recv() => received,
            () = app.shutdown.clone().requested() => return Ok(None),
        };
        let read_again = match received {
            Ok(batch) => {
                let ends = batch.iter().rev().find_map(|change| match change {
                    Change::Run(run) if run.id == id && run.status.is_finished() => {
                        Some(Run::clone(run))
                    }
                    _ => None,
                });
                if ends.is_some() {
                    return Ok(ends);
                }
                batch.iter().any(
                    |change| matches!(change, Change::Elsewhere(what) if what.may_have_run(id)),
                )
            }
            Err(RecvError::Lagged(_)) => true,
            Err(RecvError::Closed) => return Ok(None),
        };
        if read_again {
            let run = read(app, id, token).await?;
            if let Some(run) = run.filter(|run| run.status.is_finished()) {
                return Ok(Some(run));
            }
        }
    }
}

/// Reads the run from the database, in the workspace of the hook that started it.
async fn read(app: &App, run: RunId, token: &str) -> Result<Option<Run>, StorageError> {
    let db = app.store.reader();
    let Some(hook) = inbound_hook::find_by_token(db, token).await? else {
        return Ok(None);
    };
    run::find(
        db,
        &Permit::<Read>::system(hook.workspace_id, "webhooks"),
        run,
    )
    .await
}

/// What the output of a `respond` node looks like.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Respond {
    status: u16,
    headers: Map<String, Value>,
    body: Value,
}

/// What the sender is told of a run that is over.
pub fn answer(run: &Run) -> Response {
    if run.status != RunStatus::Succeeded {
        return error(
            StatusCode::BAD_GATEWAY,
            "RUN_FAILED",
            format!("{} ended as {}.", run.id, run.status),
        );
    }
    let respond = run
        .output
        .as_ref()
        .and_then(|output| output.parse::<Respond>().ok());
    let Some(respond) = respond else {
        // The run took a way without a `respond` node.
        return Json(json!({ "runId": run.id })).into_response();
    };
    let status = StatusCode::from_u16(respond.status).unwrap_or(StatusCode::OK);
    let mut response = match respond.body {
        Value::Null => status.into_response(),
        Value::String(text) => (status, text).into_response(),
        json => (status, Json(json)).into_response(),
    };
    set_headers(response.headers_mut(), &respond.headers);
    response
}

/// Sets what the node asks for, but nothing of the connection, which is not the workflow's.
fn set_headers(headers: &mut HeaderMap, wanted: &Map<String, Value>) {
    const OF_THE_CONNECTION: [&str; 5] = [
        "connection",
        "content-length",
        "transfer-encoding",
        "upgrade",
        "keep-alive",
    ];
    for (name, value) in wanted {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => continue,
            other => other.to_string(),
        };
        let named = HeaderName::try_from(name.as_str())
            .ok()
            .filter(|name| !OF_THE_CONNECTION.contains(&name.as_str()));
        if let (Some(name), Ok(value)) = (named, HeaderValue::try_from(text)) {
            headers.insert(name, value);
        }
    }
}
