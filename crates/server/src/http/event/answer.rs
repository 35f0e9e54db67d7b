//! What is answered to a request that publishes.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jackfield_storage::{Problem, ProblemCode};
use jackfield_webhooks::publish::{PublishError, Published};
use serde_json::{Value, json};

use super::super::response::error;

/// 202 with the ids, or 409 when a key was used for another event; what could be stored of a list is stored then.
pub(super) fn published(outcomes: Vec<Result<Published, Problem>>, many: bool) -> Response {
    let (mut events, mut problems) = (Vec::new(), Vec::new());
    for (place, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(published) => events.push(event(&published)),
            Err(problem) => {
                events.push(Value::Null);
                problems.push(problem.under(place));
            }
        }
    }
    let stored = if many {
        json!({ "events": events })
    } else {
        events.pop().unwrap_or_default()
    };
    if problems.is_empty() {
        return (StatusCode::ACCEPTED, Json(stored)).into_response();
    }
    let mut body = describe(problems, many);
    if many {
        body["events"] = events.into();
    }
    (StatusCode::CONFLICT, Json(body)).into_response()
}

fn event(published: &Published) -> Value {
    let mut event = json!({ "id": published.event.id.to_string() });
    if !published.warnings.is_empty() {
        event["warnings"] = published.warnings.iter().cloned().map(named).collect();
    }
    event
}

/// 422, 413 for what is too large, and 503 when the database failed.
pub(super) fn refused(cause: PublishError, many: bool) -> Response {
    match cause {
        PublishError::Rejected(problems) => {
            let too_large = |problem: &Problem| problem.code == ProblemCode::TooLarge;
            let status = if problems.iter().all(too_large) {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            (status, Json(describe(problems, many))).into_response()
        }
        PublishError::Storage(cause) => {
            tracing::error!(%cause, "events cannot be stored");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            error(status, "UNAVAILABLE", "Try again later.")
        }
    }
}

/// The first problem speaks for all; a single event is in no list, so its problems have no place in one.
fn describe(problems: Vec<Problem>, many: bool) -> Value {
    let inner = problems.into_iter().map(|mut problem| {
        if !many && !problem.field.is_empty() {
            problem.field.remove(0);
        }
        problem
    });
    let problems: Vec<Problem> = inner.collect();
    let first = problems.first();
    json!({ "error": {
        "code": first.map(|problem| problem.code),
        "message": first.map(|problem| &problem.message),
        "problems": problems.iter().cloned().map(named).collect::<Value>(),
    } })
}

/// REST spells its members with underscores.
fn named(problem: Problem) -> Value {
    let names = problem.field.into_iter().map(|part| match part.as_str() {
        "idempotencyKey" => "idempotency_key".to_owned(),
        _ => part,
    });
    json!({
        "field": names.collect::<Vec<_>>(),
        "code": problem.code,
        "message": problem.message,
    })
}
