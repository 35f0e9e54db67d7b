//! What is sent of an event.

use std::sync::{Arc, OnceLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::HeaderValue;
use jackfield_storage::event::Event;
use serde_json::Value;

use super::{Job, known::Ready};
use crate::outbound::{SOURCE_TEST, expressions};

/// An event with its body, which is made once for all endpoints.
pub(super) struct Parcel {
    pub event: Arc<Event>,
    content: OnceLock<Content>,
}

impl Parcel {
    pub fn new(event: Arc<Event>) -> Self {
        Self {
            event,
            content: OnceLock::new(),
        }
    }
}

/// What is sent of an event.
#[derive(Clone)]
pub(super) struct Content {
    pub body: Bytes,
    /// With a payload that is no JSON.
    pub raw: Option<Raw>,
}

/// What says what a bare payload is.
#[derive(Clone)]
pub(super) struct Raw {
    pub content_type: HeaderValue,
    pub event_type: HeaderValue,
}

impl Job {
    /// What is sent; the error is a sentence.
    pub(super) fn content(&self, ready: &Ready) -> Result<Content, String> {
        let Some(transformation) = &ready.transformation else {
            return Ok(self.parcel.content());
        };
        let event = &self.parcel.event;
        let seen = expressions::event(event.id, &event.event_type, &event.data, event.occurred_at);
        Ok(Content {
            body: transformation.evaluate(&seen)?.into(),
            raw: None,
        })
    }
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
