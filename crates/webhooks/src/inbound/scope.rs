//! What the expressions of a run see as `trigger`.

use http::HeaderMap;
use jackfield_storage::{Json, NewEvent, Timestamp, ids::EventId, inbound_hook::Scheme};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{body::add, request::InboundRequest, verify::MAILCHIMP_PARAMETER};

/// Headers that carry secrets, which do not belong into the history of a run.
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-goog-channel-token",
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trigger<'a> {
    body: &'a Json,
    headers: Map<String, Value>,
    query: Map<String, Value>,
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    id: EventId,
    #[serde(rename = "type")]
    event_type: &'a str,
    source: &'a str,
    /// The id that the provider gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<&'a str>,
    occurred_at: Timestamp,
    received_at: Timestamp,
}

/// `{body, headers, query, event}` of a verified request. Header names are in lower case, values of a repeated header or
/// parameter a list; what the sender proved itself with is left out where it is a secret.
pub(super) fn trigger(
    event: &NewEvent,
    provider_id: Option<&str>,
    scheme: Scheme,
    request: &InboundRequest,
    now: Timestamp,
) -> Result<Json, serde_json::Error> {
    Json::of(&Trigger {
        body: &event.data,
        headers: headers(&request.headers),
        query: query(scheme, request.query.as_deref().unwrap_or_default()),
        event: Event {
            id: event.id,
            event_type: &event.event_type,
            source: &event.source,
            provider_id,
            occurred_at: event.occurred_at,
            received_at: now,
        },
    })
}

fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in headers {
        if !SECRET_HEADERS.contains(&name.as_str()) {
            add(
                &mut shown,
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            );
        }
    }
    shown
}

fn query(scheme: Scheme, query: &str) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if scheme != Scheme::Mailchimp || name != MAILCHIMP_PARAMETER {
            add(&mut shown, name.into_owned(), value.into_owned());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderName, HeaderValue, Method};
    use jackfield_storage::{Channels, Clock};

    use super::*;

    #[test]
    fn a_run_sees_the_request_without_its_secrets() {
        let clock = Clock::seeded(Timestamp::from_micros(1_700_000_000_000_000), 1);
        let event = NewEvent {
            id: clock.id(),
            event_type: "mailchimp.subscribe".into(),
            source: "mailchimp".into(),
            data: Json::check(r#"{"type": "subscribe"}"#).unwrap(),
            hook_id: None,
            dedupe_key: None,
            occurred_at: clock.now(),
            content_type: None,
            dedupe_hash: None,
            channels: Channels::default(),
        };
        let header = |name, value| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        let request = InboundRequest {
            method: Method::POST,
            token: "t".into(),
            query: Some("secret=s3cret&list=a&list=b".into()),
            headers: HeaderMap::from_iter([
                header("content-type", "application/json"),
                header("authorization", "Basic czNjcmV0"),
                header("x-tag", "1"),
                header("x-tag", "2"),
            ]),
            body: Bytes::new(),
        };
        let trigger =
            trigger(&event, Some("e1"), Scheme::Mailchimp, &request, clock.now()).unwrap();

        insta::assert_json_snapshot!(trigger.value(), @r#"
        {
          "body": {
            "type": "subscribe"
          },
          "headers": {
            "content-type": "application/json",
            "x-tag": [
              "1",
              "2"
            ]
          },
          "query": {
            "list": [
              "a",
              "b"
            ]
          },
          "event": {
            "id": "evt_01HF7YAT00R5E052FC5M592SZC",
            "type": "mailchimp.subscribe",
            "source": "mailchimp",
            "providerId": "e1",
            "occurredAt": "2023-11-14T22:13:20Z",
            "receivedAt": "2023-11-14T22:13:20Z"
          }
        }
        "#);
    }
}
