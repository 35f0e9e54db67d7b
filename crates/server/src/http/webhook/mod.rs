//! Webhook endpoints over REST.

#![expect(
    clippy::result_large_err,
    reason = "a refusal is an answer, and is made once per request"
)]

mod answer;
mod authentication;
mod read;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jackfield_storage::access::{ManageWebhooks, Read};
use jackfield_storage::delivery::{self, DeliveryFilter, DeliveryStatus};
use jackfield_storage::ids::{DeliveryId, WebhookEndpointId};
use jackfield_storage::webhook_endpoint::WebhookEndpointFilter;
use jackfield_storage::{delivery_attempt, event, webhook_endpoint};
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::authorize::authorize;
use super::response::error;

/// The routes under `/v1/webhooks`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/webhooks", get(list).post(create))
        .route("/v1/webhooks/{id}", get(show).patch(update).delete(delete))
        .route("/v1/webhooks/{id}/deliveries", get(deliveries))
        .route("/v1/webhooks/{id}/test", post(send_test))
}

type Answer = Result<Response, Response>;

/// Which page of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageParameters {
    limit: Option<u64>,
    after: Option<String>,
    status: Option<String>,
}

async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    query: Result<Query<PageParameters>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let permit = authorize::<Read>(&app, &headers).await?;
    let parameters = read::query(query)?;
    let page = read::page(&parameters)?;
    let all = WebhookEndpointFilter::default();
    let found = webhook_endpoint::list(app.store.reader(), &permit, &all, page).await;
    let slice = found.map_err(|cause| answer::unavailable(&cause))?;
    Ok(answer::list(slice, answer::endpoint))
}

async fn create(State(app): State<Arc<App>>, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    let permit = authorize::<ManageWebhooks>(&app, &head.headers).await?;
    let input = read::endpoint(&app, &head, body).await?;
    let made = app.outbound.create_endpoint(&permit, input).await;
    let made = made.map_err(answer::refused)?;
    let mut body = answer::endpoint(&made.endpoint);
    body["secret"] = made.secret.into();
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

async fn show(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let permit = authorize::<Read>(&app, &headers).await?;
    let found = webhook_endpoint::find(app.store.reader(), &permit, endpoint_id(&id)?).await;
    let found = found.map_err(|cause| answer::unavailable(&cause))?;
    let found = found.ok_or_else(answer::unknown)?;
    Ok(Json(answer::endpoint(&found)).into_response())
}

async fn update(State(app): State<Arc<App>>, Path(id): Path<String>, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    let permit = authorize::<ManageWebhooks>(&app, &head.headers).await?;
    let id = endpoint_id(&id)?;
    let input = read::endpoint(&app, &head, body).await?;
    let updated = app.outbound.update_endpoint(&permit, id, input).await;
    let updated = updated.map_err(answer::refused)?;
    Ok(Json(answer::endpoint(&updated)).into_response())
}

async fn delete(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let permit = authorize::<ManageWebhooks>(&app, &headers).await?;
    let deleted = app.outbound.delete_endpoint(&permit, endpoint_id(&id)?);
    deleted.await.map_err(answer::refused)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn send_test(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let (head, body) = request.into_parts();
    let permit = authorize::<ManageWebhooks>(&app, &head.headers).await?;
    let id = endpoint_id(&id)?;
    let event_type = read::test(&app, &head, body).await?;
    let sent = app.outbound.send_test(&permit, id, event_type).await;
    let sent = sent.map_err(answer::refused)?;
    let body = json!({
        "id": sent.event.id.to_string(),
        "type": sent.event.event_type,
        "delivery_id": sent.delivery.id.to_string(),
    });
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

/// What was sent to an endpoint, the last first, each with its last attempt.
async fn deliveries(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Result<Query<PageParameters>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let permit = authorize::<Read>(&app, &headers).await?;
    let parameters = read::query(query)?;
    let (id, db) = (endpoint_id(&id)?, app.store.reader());
    let found = webhook_endpoint::find(db, &permit, id).await;
    let found = found.map_err(|cause| answer::unavailable(&cause))?;
    found.ok_or_else(answer::unknown)?;
    let filter = DeliveryFilter {
        endpoint_id: Some(id),
        status: status(parameters.status.as_deref())?,
    };
    let failed = |cause| answer::unavailable(&cause);
    let slice = delivery::list(db, &permit, filter, read::page(&parameters)?);
    let slice = slice.await.map_err(failed)?;
    let ids: Vec<DeliveryId> = slice.items.iter().map(|row| row.id).collect();
    let events: Vec<_> = slice.items.iter().map(|row| row.event_id).collect();
    let attempts = delivery_attempt::of_deliveries(db, &permit, &ids).await;
    let events = event::find_many(db, &permit, &events, &[]).await;
    let history = answer::History::new(attempts.map_err(failed)?, events.map_err(failed)?);
    Ok(answer::list(slice, |row| history.delivery(row)))
}

fn status(given: Option<&str>) -> Result<Option<DeliveryStatus>, Response> {
    let parsed = given.map(|text| text.to_ascii_uppercase().parse());
    parsed.transpose().map_err(|cause| {
        let message = format!("`status`: {cause}.");
        error(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    })
}

/// An id that cannot be one is that of nothing.
fn endpoint_id(text: &str) -> Result<WebhookEndpointId, Response> {
    text.parse().map_err(|_| answer::unknown())
}
