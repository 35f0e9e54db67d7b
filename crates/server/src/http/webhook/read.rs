//! What a request says about an endpoint.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::Response;
use jackfield_storage::Page;
use jackfield_webhooks::outbound::{EndpointInput, HeaderInput};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::response::error;
use super::super::{App, body};
use super::{PageParameters, authentication};

/// An endpoint as it is to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    name: Option<String>,
    url: Option<String>,
    events: Option<Vec<String>>,
    channels: Option<Vec<String>>,
    description: Option<String>,
    status: Option<Status>,
    active: Option<bool>,
    headers: Option<BTreeMap<String, Option<String>>>,
    authentication: Option<authentication::Given>,
    rate_limit: Option<i32>,
    timeout_seconds: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Inactive,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Test {
    #[serde(rename = "type")]
    event_type: Option<String>,
}

/// Reads an endpoint from a body.
///
/// # Errors
///
/// The response that says what is wrong with it: 400, 413 or 415.
pub(super) async fn endpoint(
    app: &App,
    head: &Parts,
    body: Body,
) -> Result<EndpointInput, Response> {
    let body = body::read(app, &head.headers, body)
        .await
        .map_err(|refused| *refused)?;
    let given: Endpoint = json(head, &body)?;
    let status = given.status.map(|status| status == Status::Active);
    Ok(EndpointInput {
        name: given.name,
        url: given.url,
        description: given.description,
        active: given.active.or(status),
        event_types: given.events,
        channels: given.channels,
        headers: given.headers.map(headers),
        authentication: given.authentication.map(Into::into),
        rate_limit: given.rate_limit,
        timeout_ms: given
            .timeout_seconds
            .map(|seconds| seconds.saturating_mul(1_000)),
        ..EndpointInput::default()
    })
}

/// A header without a value keeps the one that it has.
fn headers(given: BTreeMap<String, Option<String>>) -> Vec<HeaderInput> {
    let headers = given.into_iter().map(|(name, value)| HeaderInput {
        name,
        value: value.map(Into::into),
    });
    headers.collect()
}

/// Reads which type of event is to be sent as a test; the body may be empty.
///
/// # Errors
///
/// As [`endpoint`].
pub(super) async fn test(app: &App, head: &Parts, body: Body) -> Result<Option<String>, Response> {
    let body = body::read(app, &head.headers, body)
        .await
        .map_err(|refused| *refused)?;
    let given: Test = match body.is_empty() {
        true => Test::default(),
        false => json(head, &body)?,
    };
    Ok(given.event_type)
}

/// Reads the query.
///
/// # Errors
///
/// The response that says what is wrong with it: 400.
pub(super) fn query(
    query: Result<Query<PageParameters>, QueryRejection>,
) -> Result<PageParameters, Response> {
    query
        .map(|Query(parameters)| parameters)
        .map_err(|cause| malformed(&cause))
}

/// The page that is asked for.
///
/// # Errors
///
/// As [`query`].
pub(super) fn page(parameters: &PageParameters) -> Result<Page, Response> {
    let first = parameters.limit.unwrap_or(20);
    if !(1..=100).contains(&first) {
        return Err(malformed(&"`limit` must be from 1 to 100"));
    }
    let after = parameters.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|cause| malformed(&format!("`after`: {cause}")))?;
    Ok(Page::after(first, after))
}

fn json<T: DeserializeOwned>(head: &Parts, body: &[u8]) -> Result<T, Response> {
    let content_type = head.headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|text| text.to_ascii_lowercase().starts_with("application/json")) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let message = "Send Content-Type: application/json.";
        return Err(error(status, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    serde_json::from_slice(body).map_err(|cause| malformed(&cause))
}

fn malformed(reason: &impl std::fmt::Display) -> Response {
    let message = format!("This cannot be read: {reason}.");
    error(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}
