//! One attempt: sign, send, judge.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use jackfield_egress::{Request, Response};
use jackfield_storage::{
    Attempted, Json, Timestamp,
    delivery::{Delivery, DeliveryStatus},
    delivery_attempt::{AttemptCause, AttemptStatus, DeliveryAttempt},
    endpoint_health::Tally,
    event::Event,
    webhook_endpoint::HeaderStyle,
};
use serde_json::Value;

use super::{Content, Job, Parcel, Raw, Shared, known::Ready, lane::Verdict};
use crate::outbound::{SOURCE_TEST, keys};

/// How much of an answer is kept, in bytes.
const KEPT: usize = 16 << 10;

const WEBHOOK: [HeaderName; 3] = [
    HeaderName::from_static("webhook-id"),
    HeaderName::from_static("webhook-timestamp"),
    HeaderName::from_static("webhook-signature"),
];
const EVENT_TYPE: HeaderName = HeaderName::from_static("webhook-event-type");
const SVIX: [HeaderName; 3] = [
    HeaderName::from_static("svix-id"),
    HeaderName::from_static("svix-timestamp"),
    HeaderName::from_static("svix-signature"),
];

/// What came of an attempt.
pub(super) struct Done {
    elapsed: Duration,
    attempt: Option<DeliveryAttempt>,
    verdict: Verdict,
    /// The receiver is gone for good.
    gone: bool,
    asked: Option<Duration>,
}

pub(super) async fn attempt(shared: &Shared, job: &Job) -> Option<Done> {
    let endpoint = &job.target.endpoint;
    if !endpoint.active && !job.delivery.manual {
        return None;
    }
    let now = shared.store.clock().now();
    if let Some(slot) = job.delivery.slot {
        tokio::time::sleep(slot.since(now)).await;
    }
    let now = shared.store.clock().now();
    let ready = match &job.target.ready {
        Ok(ready) => ready,
        Err(why) => {
            let why = format!("UNUSABLE_ENDPOINT: nothing can be sent to the endpoint: {why}");
            return Some(Done::new(shared, job, now, Sent::nothing(why)));
        }
    };
    let headers = headers(job, ready, now);
    let request_headers = shown(&headers, &ready.custom);
    let request = Request {
        headers,
        body: job.parcel.content().body,
        timeout: Some(Duration::from_millis(endpoint.timeout_ms.unsigned_abs())),
        max_bytes: Some(KEPT),
        truncate: true,
        follow_redirects: false,
        ..Request::new(Method::POST, ready.url.clone())
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "a duration is measured; the clock of a test stands still"
    )]
    let started = std::time::Instant::now();
    let answer = shared.egress.send(request).await;
    let sent = Sent {
        elapsed: started.elapsed(),
        request_headers,
        answer: answer.map_err(|error| format!("{}: {error}", error.code())),
    };
    Some(Done::new(shared, job, now, sent))
}

/// What was sent, and the answer or a sentence that begins with a code.
struct Sent {
    elapsed: Duration,
    request_headers: Json,
    answer: Result<Response, String>,
}

impl Sent {
    fn nothing(why: String) -> Self {
        Self {
            elapsed: Duration::ZERO,
            request_headers: Json::from(serde_json::json!({})),
            answer: Err(why),
        }
    }
}

fn headers(job: &Job, ready: &Ready, now: Timestamp) -> HeaderMap {
    let mut headers = ready.headers.clone();
    let [id, timestamp, signature] = match job.target.endpoint.header_style {
        HeaderStyle::Webhook => WEBHOOK,
        HeaderStyle::Svix => SVIX,
    };
    let message = job.delivery.event_id.to_string();
    let seconds = (now.as_micros() / 1_000_000).to_string();
    let content = job.parcel.content();
    let signed = keys::sign(&ready.keys, now, &message, &seconds, &content.body);
    for (name, text) in [(id, message), (timestamp, seconds), (signature, signed)] {
        // Ids, numbers and base64 are always fit for a header.
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    if let Some(raw) = content.raw {
        headers.insert(CONTENT_TYPE, raw.content_type);
        headers.insert(EVENT_TYPE, raw.event_type);
    }
    headers
}

/// The headers for the history. What the endpoint's owner has set may be secret.
fn shown(headers: &HeaderMap, custom: &[HeaderName]) -> Json {
    let shown: BTreeMap<&str, &str> = headers
        .iter()
        .map(|(name, value)| match custom.contains(name) {
            true => (name.as_str(), "••••"),
            false => (name.as_str(), value.to_str().unwrap_or_default()),
        })
        .collect();
    Json::of(&shown).unwrap_or_else(|_| Json::null())
}

impl Parcel {
    /// `{type, timestamp, data}`, and `test` where somebody is only trying.
    ///
    /// A payload that is no JSON is sent as it came; its type is in a header then.
    fn content(&self) -> Content {
        let made = self.content.get_or_init(|| {
            let event = &self.event;
            if let Some(content) = raw(event) {
                return content;
            }
            let name = serde_json::Value::from(event.event_type.as_str());
            let test = match event.source == SOURCE_TEST {
                true => r#""test":true,"#,
                false => "",
            };
            let (at, data) = (event.occurred_at, &event.data);
            let body = format!(r#"{{"type":{name},"timestamp":"{at}",{test}"data":{data}}}"#);
            Content {
                body: body.into(),
                raw: None,
            }
        });
        made.clone()
    }
}

fn raw(event: &Event) -> Option<Content> {
    let content_type = event.content_type.as_deref()?;
    let body = match event.data.value() {
        Value::String(text) => text.into_bytes(),
        other => STANDARD.decode(other.get("base64")?.as_str()?).ok()?,
    };
    Some(Content {
        body: body.into(),
        raw: Some(Raw {
            content_type: content_type.parse().ok()?,
            event_type: HeaderValue::try_from(&event.event_type).ok()?,
        }),
    })
}

impl Done {
    fn new(shared: &Shared, job: &Job, now: Timestamp, sent: Sent) -> Self {
        let Sent {
            elapsed,
            request_headers,
            answer,
        } = sent;
        let status = answer.as_ref().ok().map(|answer| answer.status);
        let succeeded = status.is_some_and(|status| status.is_success());
        let asked = answer
            .as_ref()
            .ok()
            .and_then(|answer| retry_after(&answer.headers, now));
        let error = match (&answer, status) {
            (Err(error), _) => Some(error.clone()),
            (Ok(_), Some(status)) if !succeeded => Some(refusal(status)),
            _ => None,
        };
        let body = answer.ok().map(|answer| text(&answer.body));
        let attempt = DeliveryAttempt {
            workspace_id: job.delivery.workspace_id,
            position: 0,
            id: shared.store.clock().id(),
            delivery_id: job.delivery.id,
            number: job.delivery.attempts + 1,
            cause: match job.delivery.manual {
                true => AttemptCause::Manual,
                false => AttemptCause::Schedule,
            },
            status: match succeeded {
                true => AttemptStatus::Succeeded,
                false => AttemptStatus::Failed,
            },
            status_code: status.map(|status| i32::from(status.as_u16())),
            duration_ms: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
            request_headers,
            response_body: body,
            error,
            attempted_at: now,
        };
        let slow = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::BAD_GATEWAY,
            StatusCode::GATEWAY_TIMEOUT,
        ];
        Self {
            elapsed,
            attempt: Some(attempt),
            verdict: match status {
                _ if succeeded => Verdict::Good,
                Some(status) if slow.contains(&status) => Verdict::Slow(asked),
                _ => Verdict::Bad,
            },
            gone: status == Some(StatusCode::GONE),
            asked,
        }
    }
}

fn refusal(status: StatusCode) -> String {
    let remedy = match status {
        StatusCode::GONE => "the endpoint was made inactive",
        status if status.is_redirection() => {
            "redirects are not followed: enter the URL to which it leads"
        }
        _ => "only a status from 200 to 299 counts as received",
    };
    format!("HTTP_STATUS: answered {}; {remedy}", status.as_u16())
}

/// Text that every database takes.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace('\0', "\u{fffd}")
}

/// How long a receiver wants to be left alone: seconds, or a date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp::from(date.timestamp()).since(now))
}

impl Shared {
    /// Writes down what came of a delivery and draws the conclusions; nothing came of it when its endpoint gets nothing any
    /// more.
    pub(super) fn settle(self: &Arc<Self>, job: Job, done: Option<Done>) {
        let now = self.store.clock().now();
        let Some(done) = done else {
            self.cancel(job.delivery);
            return;
        };
        let endpoint = &job.target.endpoint;
        self.health.count(Tally::new(
            endpoint.workspace_id,
            endpoint.id,
            now,
            done.verdict == Verdict::Good,
            done.elapsed,
        ));
        let lane = &job.target.lane;
        if let Some((waiting, until)) = lane.note(done.verdict, now) {
            for job in waiting {
                self.put_off(job, until);
            }
        }
        self.watch(&job, &done, now);
        let mut delivery = job.delivery;
        delivery.attempts += 1;
        let queue = delivery.queue.clone();
        let mut chance = [0];
        if done.verdict != Verdict::Good {
            self.store.clock().random(&mut chance);
        }
        let made = delivery.attempts - delivery.begun;
        let schedule = &self.config.schedule;
        match (done.verdict, schedule.pause(made, chance[0], done.asked)) {
            (Verdict::Good, _) => delivery.finish(DeliveryStatus::Succeeded, now),
            (_, Some(pause)) if !done.gone => delivery.wait(now.after(pause)),
            _ => delivery.finish(DeliveryStatus::Failed, now),
        }
        self.record(Attempted {
            left: queue.filter(|_| delivery.queue.is_none()),
            delivery,
            attempt: done.attempt,
            position: 0,
        });
    }

    /// Gives a delivery back without having tried.
    pub(super) fn put_off(&self, job: Job, until: Timestamp) {
        self.give_back(job.delivery, until);
    }

    /// Lets others claim a delivery from an instant on.
    pub(super) fn give_back(&self, mut delivery: Delivery, until: Timestamp) {
        let manual = delivery.manual;
        delivery.wait(until);
        delivery.manual = manual;
        self.record(Attempted {
            delivery,
            attempt: None,
            left: None,
            position: 0,
        });
    }

    /// Nobody wants the delivery any more.
    pub(super) fn cancel(&self, mut delivery: Delivery) {
        let left = delivery.queue.clone();
        delivery.finish(DeliveryStatus::Cancelled, self.store.clock().now());
        self.record(Attempted {
            delivery,
            attempt: None,
            left,
            position: 0,
        });
    }

    fn watch(self: &Arc<Self>, job: &Job, done: &Done, now: Timestamp) {
        super::record::watch(
            self,
            &job.target,
            done.verdict == Verdict::Good,
            done.gone,
            now,
        );
    }
}
