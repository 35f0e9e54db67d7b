//! What is answered about endpoints.

use std::collections::HashMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jackfield_storage::delivery::Delivery;
use jackfield_storage::delivery_attempt::DeliveryAttempt;
use jackfield_storage::event::Event;
use jackfield_storage::ids::{DeliveryId, EventId};
use jackfield_storage::page::Keyed;
use jackfield_storage::webhook_endpoint::WebhookEndpoint;
use jackfield_storage::{Problem, ProblemCode, Slice, StorageError};
use jackfield_webhooks::outbound::OutboundError;
use serde_json::{Value, json};

use super::super::response::error;

/// An endpoint, without its secret.
pub(super) fn endpoint(row: &WebhookEndpoint) -> Value {
    let status = match row.active {
        true => "active",
        false if row.disabled_reason.is_some() => "disabled",
        false => "inactive",
    };
    json!({
        "id": row.id.to_string(),
        "name": row.name,
        "url": row.url,
        "events": row.types(),
        "channels": row.channels.names(),
        "description": row.description,
        "authentication": row.authentication,
        "status": status,
        "disabled_reason": row.disabled_reason,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    })
}

/// A page of a list, with the cursor of the next one.
pub(super) fn list<R: Keyed>(slice: Slice<R>, show: impl Fn(&R) -> Value) -> Response {
    let next = slice.items.last().filter(|_| slice.has_next);
    let body = json!({
        "data": slice.items.iter().map(show).collect::<Vec<_>>(),
        "next": next.map(|row| row.cursor().to_string()),
    });
    Json(body).into_response()
}

/// What is told of deliveries besides their rows.
pub(super) struct History {
    last: HashMap<DeliveryId, DeliveryAttempt>,
    events: HashMap<EventId, Event>,
}

impl History {
    pub(super) fn new(attempts: Vec<DeliveryAttempt>, events: Vec<Event>) -> Self {
        // In the order in which they were made: the last one stays.
        let attempts = attempts.into_iter().map(|row| (row.delivery_id, row));
        Self {
            last: attempts.collect(),
            events: events.into_iter().map(|row| (row.id, row)).collect(),
        }
    }

    pub(super) fn delivery(&self, row: &Delivery) -> Value {
        let last = self.last.get(&row.id);
        let event = self.events.get(&row.event_id);
        let waits = row.lease_owner.is_none();
        json!({
            "id": row.id.to_string(),
            "event_id": row.event_id.to_string(),
            "event_type": event.map(|event| &event.event_type),
            "status": row.status.as_str().to_lowercase(),
            "attempts": row.attempts,
            "response_code": last.and_then(|last| last.status_code),
            "response_time_ms": last.map(|last| last.duration_ms),
            "error": last.and_then(|last| last.error.as_deref()),
            "next_attempt_at": row.due_at.filter(|_| waits).map(|due| due.max(row.created_at)),
            "created_at": row.created_at,
            "finished_at": row.finished_at,
        })
    }
}

/// 404, 409, 422, or 503 when it is not the caller's doing.
pub(super) fn refused(cause: OutboundError) -> Response {
    match cause {
        OutboundError::NotFound => unknown(),
        OutboundError::Rejected(problems) => rejected(problems),
        OutboundError::Storage(cause) => unavailable(&cause),
        OutboundError::Seal(cause) => {
            tracing::error!(%cause, "what is secret of a webhook endpoint cannot be used");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            error(
                status,
                "INTERNAL",
                "What is secret of the webhook cannot be sealed or opened.",
            )
        }
    }
}

pub(super) fn unknown() -> Response {
    let message = "There is no such webhook in this workspace.";
    error(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}

pub(super) fn unavailable(cause: &StorageError) -> Response {
    tracing::error!(%cause, "webhook endpoints cannot be read or stored");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    error(status, "UNAVAILABLE", "Try again later.")
}

fn rejected(problems: Vec<Problem>) -> Response {
    let conflict = |problem: &Problem| problem.code == ProblemCode::Conflict;
    let status = match problems.iter().all(conflict) {
        true => StatusCode::CONFLICT,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let first = problems.first();
    let body = json!({ "error": {
        "code": first.map(|problem| problem.code),
        "message": first.map(|problem| &problem.message),
        "problems": problems.iter().map(named).collect::<Vec<_>>(),
    } });
    (status, Json(body)).into_response()
}

/// REST spells its members with underscores, and says `events`.
fn named(problem: &Problem) -> Value {
    let parts = problem.field.iter().map(String::as_str);
    let parts = parts.filter(|part| *part != "options");
    let names = parts.map(|part| match part {
        "eventTypes" => "events",
        "eventType" => "type",
        "customHeaders" => "headers",
        "tokenUrl" => "token_url",
        "clientId" => "client_id",
        "clientSecret" => "client_secret",
        "rateLimit" => "rate_limit",
        "timeout" => "timeout_seconds",
        part => part,
    });
    json!({
        "field": names.collect::<Vec<_>>(),
        "code": problem.code,
        "message": problem.message,
    })
}
