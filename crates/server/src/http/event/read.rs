//! What a request publishes.

use axum::extract::Query;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jackfield_storage::{Json, Timestamp};
use jackfield_webhooks::publish::{Publication, payload};
use serde::Deserialize;

use super::super::response::error;

/// The events of a request.
pub(super) struct Given {
    pub events: Vec<Publication>,
    /// Whether they came as a list, and are answered as one.
    pub many: bool,
}

/// An event in a JSON body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "type")]
    event_type: String,
    data: Json,
    idempotency_key: Option<String>,
    occurred_at: Option<Timestamp>,
    #[serde(default)]
    channels: Vec<String>,
}

/// With `type`, the body is the payload itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    #[serde(rename = "type")]
    event_type: Option<String>,
    occurred_at: Option<Timestamp>,
    /// With commas between them.
    channels: Option<String>,
}

/// Reads a request.
///
/// # Errors
///
/// The response that says what is wrong with it: 400 or 415.
pub(super) fn read(head: &Parts, body: &[u8]) -> Result<Given, Box<Response>> {
    let encoding = header(&head.headers, CONTENT_ENCODING.as_str());
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(unsupported("Send the body without Content-Encoding."));
    }
    let parameters = Query::<Parameters>::try_from_uri(&head.uri);
    let Query(parameters) = parameters.map_err(|error| malformed(&error))?;
    let key = header(&head.headers, "idempotency-key").map(str::to_owned);
    let content_type = header(&head.headers, CONTENT_TYPE.as_str());
    let is_json = content_type.is_some_and(is_json);
    let Some(event_type) = parameters.event_type else {
        if !is_json {
            return Err(unsupported(
                "Send Content-Type: application/json, or name the event's type in the query: ?type=invoice.paid.",
            ));
        }
        return read_json(body, key);
    };
    let data = if is_json {
        Json::check(text(body)?).map_err(|error| malformed(&error))?
    } else {
        payload(body)
    };
    let raw = || {
        content_type
            .unwrap_or("application/octet-stream")
            .to_owned()
    };
    let channels = parameters
        .channels
        .iter()
        .flat_map(|names| names.split(','));
    let channels = channels.map(str::to_owned);
    let event = Publication {
        event_type,
        data,
        content_type: (!is_json).then(raw),
        idempotency_key: key,
        occurred_at: parameters.occurred_at,
        channels: channels.collect(),
    };
    Ok(Given {
        events: vec![event],
        many: false,
    })
}

fn read_json(body: &[u8], key: Option<String>) -> Result<Given, Box<Response>> {
    let text = text(body)?;
    if text.trim_ascii_start().starts_with('[') {
        let bodies: Vec<Body> = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        return Ok(Given {
            events: bodies.into_iter().map(Into::into).collect(),
            many: true,
        });
    }
    let body: Body = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    let mut event = Publication::from(body);
    event.idempotency_key = event.idempotency_key.or(key);
    Ok(Given {
        events: vec![event],
        many: false,
    })
}

impl From<Body> for Publication {
    fn from(body: Body) -> Self {
        Self {
            event_type: body.event_type,
            data: body.data,
            content_type: None,
            idempotency_key: body.idempotency_key,
            occurred_at: body.occurred_at,
            channels: body.channels,
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}

fn text(body: &[u8]) -> Result<&str, Box<Response>> {
    std::str::from_utf8(body).map_err(|error| malformed(&error))
}

fn malformed(reason: &impl std::fmt::Display) -> Box<Response> {
    let message = format!("This cannot be read as events: {reason}.");
    Box::new(error(StatusCode::BAD_REQUEST, "BAD_REQUEST", message))
}

fn unsupported(message: &str) -> Box<Response> {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Box::new(error(status, "UNSUPPORTED_MEDIA_TYPE", message))
}
