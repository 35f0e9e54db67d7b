//! One attempt: sign, send, judge.

use std::collections::BTreeMap;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use jackfield_storage::{
    Json, Timestamp,
    delivery_attempt::{AttemptCause, AttemptStatus, DeliveryAttempt},
    webhook_endpoint::HeaderStyle,
};

use super::{Job, Shared, content::Content, known::Ready, lane::Verdict};
use crate::outbound::keys;
use crate::outbound::sink::{Answer, Message};

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
    pub elapsed: Duration,
    pub attempt: Option<DeliveryAttempt>,
    pub verdict: Verdict,
    /// The receiver is gone for good.
    pub gone: bool,
    pub asked: Option<Duration>,
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
    let content = match job.content(ready) {
        Ok(content) => content,
        Err(why) => {
            let why = format!("TRANSFORMATION: the body cannot be made: {why}");
            return Some(Done::new(shared, job, now, Sent::nothing(why)));
        }
    };
    let started = std::time::Instant::now();
    let token = match shared.token(&job.target, ready).await {
        Ok(token) => token,
        Err(why) => {
            let sent = Sent {
                elapsed: started.elapsed(),
                ..Sent::nothing(why)
            };
            return Some(Done::new(shared, job, now, sent));
        }
    };
    let now = shared.store.clock().now();
    let mut headers = headers(job, ready, &content, now);
    if let Some(token) = &token {
        headers.insert(AUTHORIZATION, token.value.clone());
    }
    let request_headers = shown(&headers);
    let message = Message {
        event: job.parcel.event.clone(),
        body: content.body,
        headers,
        at: now,
        patience: Duration::from_millis(endpoint.timeout_ms.unsigned_abs()),
    };
    let started = std::time::Instant::now();
    let answer = shared.send(&job.target, ready, message, token).await;
    let sent = Sent {
        elapsed: started.elapsed(),
        request_headers,
        answer,
    };
    Some(Done::new(shared, job, now, sent))
}

/// What was sent, and what came of it.
struct Sent {
    elapsed: Duration,
    request_headers: Json,
    answer: Answer,
}

impl Sent {
    fn nothing(why: String) -> Self {
        Self {
            elapsed: Duration::ZERO,
            request_headers: Json::from(serde_json::json!({})),
            answer: Answer::none(why),
        }
    }
}

fn headers(job: &Job, ready: &Ready, content: &Content, now: Timestamp) -> HeaderMap {
    let mut headers = ready.headers.clone();
    let [id, timestamp, signature] = match job.target.endpoint.header_style {
        HeaderStyle::Webhook => WEBHOOK,
        HeaderStyle::Svix => SVIX,
    };
    let message = job.delivery.event_id.to_string();
    let seconds = (now.as_micros() / 1_000_000).to_string();
    let signed = keys::sign(&ready.keys, now, &message, &seconds, &content.body);
    for (name, text) in [(id, message), (timestamp, seconds), (signature, signed)] {
        // Ids, numbers and base64 are always fit for a header.
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    if let Some(raw) = &content.raw {
        headers.insert(CONTENT_TYPE, raw.content_type.clone());
        headers.insert(EVENT_TYPE, raw.event_type.clone());
    }
    headers
}

/// The headers for the history. What the endpoint's owner has set may be secret.
fn shown(headers: &HeaderMap) -> Json {
    let shown: BTreeMap<&str, &str> = headers
        .iter()
        .map(|(name, value)| match value.is_sensitive() {
            true => (name.as_str(), "••••"),
            false => (name.as_str(), value.to_str().unwrap_or_default()),
        })
        .collect();
    Json::of(&shown).unwrap_or_else(|_| Json::null())
}

impl Done {
    fn new(shared: &Shared, job: &Job, now: Timestamp, sent: Sent) -> Self {
        let Sent {
            elapsed,
            request_headers,
            answer,
        } = sent;
        let succeeded = answer.refusal.is_none();
        let verdict = match succeeded {
            true => Verdict::Good,
            false if answer.slow_down => Verdict::Slow(answer.retry_after),
            false => Verdict::Bad,
        };
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
            status_code: answer.status.map(i32::from),
            duration_ms: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
            request_headers,
            response_body: answer.text,
            error: answer.refusal,
            attempted_at: now,
        };
        Self {
            elapsed,
            attempt: Some(attempt),
            verdict,
            gone: answer.gone,
            asked: answer.retry_after,
        }
    }
}
