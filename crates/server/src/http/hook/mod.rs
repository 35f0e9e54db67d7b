//! Inbound webhooks.

mod wait;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield_storage::inbound_hook::Respond;
use jackfield_webhooks::inbound::{Accepted, Answer, InboundRequest, Rejected, Reply};
use serde_json::json;

use super::App;
use super::body::{Unread, take};
use super::client_address::client_address;
use super::response::error;

/// Receives a webhook: verified, stored and started by [`Inbound::accept`](jackfield_webhooks::inbound::Inbound::accept)
/// before it is answered.
///
/// A hook that answers immediately says 200 with the event's id. One with `respond: when_finished` waits for its run and
/// sends what the `respond` node made; 502 when the run failed, and 504 with the run's id when it takes too long (the run
/// goes on). A repeated delivery starts nothing, so it is answered at once.
pub async fn receive(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let max = app.max_body_bytes;
    let body = match take(&head.headers, body, max).await {
        Ok(body) => body,
        Err(unread) => {
            if unread == Unread::TooLarge {
                Box::pin(app.inbound.refuse_too_large(&token)).await;
            }
            return unread.response(max);
        }
    };
    let from = client_address(peer.ip(), &head.headers, &app.trusted_proxies);
    let request = InboundRequest {
        method: head.method,
        token: token.clone(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body,
        from: Some(from),
    };
    // Before the run exists, so that its end is not missed.
    let changes = app.store.changes();
    match app.inbound.accept(request).await {
        Ok(Answer::Accepted(Accepted {
            finished: Some(run),
            respond: Respond::WhenFinished,
            ..
        })) => wait::answer(&run),
        Ok(Answer::Accepted(accepted)) => match (accepted.respond, accepted.runs.first()) {
            (Respond::WhenFinished, Some(run)) => {
                Box::pin(wait::for_run(&app, *run, &token, changes)).await
            }
            _ => match accepted.reply {
                Some(reply) => send(reply),
                None => Json(json!({ "id": accepted.event_id })).into_response(),
            },
        },
        Ok(Answer::Challenge(reply)) => send(reply),
        Ok(Answer::Rejected(rejected)) => refuse(&rejected),
        Err(cause) => {
            tracing::error!(%cause, "a webhook could be neither accepted nor rejected");
            let mut response = error(
                StatusCode::SERVICE_UNAVAILABLE,
                "UNAVAILABLE",
                "Try again later.",
            );
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("30"));
            response
        }
    }
}

fn send(reply: Reply) -> Response {
    (reply.status, reply.headers, reply.body).into_response()
}

fn refuse(rejected: &Rejected) -> Response {
    let mut response = error(rejected.status, rejected.code, &rejected.message);
    if let Some(allow) = rejected.allow {
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(seconds) = rejected.retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
