//! What the expressions of a run see as `trigger`.

use http::HeaderMap;
use jackfield_storage::{
    Json, NewEvent, Timestamp, ids::EventId, inbound_hook::HookConfig, inbound_request::KeptRequest,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{body::add, kept, request::InboundRequest, target::Target};

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
    /// The event whose request is run again.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_of: Option<EventId>,
}

/// What a run sees of a request besides its body: header names in lower case, values of a repeated header or parameter a list,
/// and no secrets.
pub(super) struct Seen {
    headers: Map<String, Value>,
    query: Map<String, Value>,
    replay_of: Option<EventId>,
}

impl Seen {
    /// Of a request that has just come.
    pub fn of(target: &Target, request: &InboundRequest) -> Self {
        let query = request.query.as_deref().unwrap_or_default();
        Self {
            headers: headers(&target.config, &request.headers),
            query: self::query(&target.config, query),
            replay_of: None,
        }
    }

    /// Of one that was kept, which has no secrets any more.
    pub fn of_kept(kept: &KeptRequest) -> Self {
        let mut headers = Map::new();
        for (name, value) in &kept.headers {
            if let Some(value) = value {
                add(&mut headers, name.clone(), value.clone());
            }
        }
        let query = kept.query.as_deref().unwrap_or_default();
        Self {
            headers,
            query: self::query(&HookConfig::default(), query),
            replay_of: kept.replay_of,
        }
    }
}

/// `{body, headers, query, event}` of a verified request, where `body` is what the trigger reads in it.
pub(super) fn trigger(
    event: &NewEvent,
    body: &Json,
    provider_id: Option<&str>,
    seen: Seen,
    now: Timestamp,
) -> Result<Json, serde_json::Error> {
    Json::of(&Trigger {
        body,
        headers: seen.headers,
        query: seen.query,
        event: Event {
            id: event.id,
            event_type: &event.event_type,
            source: &event.source,
            provider_id,
            occurred_at: event.occurred_at,
            received_at: now,
            replay_of: seen.replay_of,
        },
    })
}

fn headers(config: &HookConfig, headers: &HeaderMap) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in headers {
        if !kept::is_secret(config, name) {
            add(
                &mut shown,
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            );
        }
    }
    shown
}

fn query(config: &HookConfig, query: &str) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if !kept::is_secret_parameter(config, &name) {
            add(&mut shown, name.into_owned(), value.into_owned());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use jackfield_storage::{Channels, Clock, inbound_hook::Scheme};

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
            app_id: None,
            request: None,
        };
        let header = |name, value| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        let config = HookConfig {
            scheme: Scheme::Mailchimp,
            ..HookConfig::default()
        };
        let given = HeaderMap::from_iter([
            header("content-type", "application/json"),
            header("authorization", "Basic czNjcmV0"),
            header("x-tag", "1"),
            header("x-tag", "2"),
        ]);
        let seen = Seen {
            headers: headers(&config, &given),
            query: query(&config, "secret=s3cret&list=a&list=b"),
            replay_of: None,
        };
        let trigger = trigger(&event, &event.data, Some("e1"), seen, clock.now()).unwrap();

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
