use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CallError, HttpResponse};
use crate::frame::Attachment;

/// What `resume` receives: answers to effects, and whether the call is cancelled.
///
/// The host writes [`Answer`]s; a plugin, which knows what it asked for, reads them as raw JSON first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Events")
)]
pub struct Events<A> {
    /// In any order.
    #[serde(default = "Vec::new")]
    #[cfg_attr(feature = "schema", schemars(!default))]
    pub events: Vec<Event<A>>,
}

/// `{"id":7,"ok":{…}}`, `{"id":7,"err":{…}}` or `{"cancel":{…}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event<A> {
    /// The effect that is answered; 0 (absent on the wire) for a cancellation.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub id: u64,
    /// The answer.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub ok: Option<A>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<CallError>,
    /// The call is no longer wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<Cancel>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(id: &u64) -> bool {
    *id == 0
}

fn none<A>() -> Option<A> {
    None
}

impl<A> Event<A> {
    /// The answer to an effect.
    pub fn ok(id: u64, answer: A) -> Self {
        Self {
            id,
            ok: Some(answer),
            err: None,
            cancel: None,
        }
    }

    /// An effect failed.
    pub fn err(id: u64, error: CallError) -> Self {
        Self {
            id,
            ok: None,
            err: Some(error),
            cancel: None,
        }
    }

    /// The call is no longer wanted.
    pub fn cancel(reason: impl Into<String>) -> Self {
        let cancel = Cancel {
            reason: reason.into(),
        };
        Self {
            id: 0,
            ok: None,
            err: None,
            cancel: Some(cancel),
        }
    }
}

/// Why a call is no longer wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cancel {
    /// A sentence for people.
    #[serde(default)]
    pub reason: String,
}

/// The answers, one per kind of effect that is answered. Which one it is follows from the effect.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Answer<'a> {
    /// To `http.request`.
    Http(HttpResponse<'a>),
    /// To `sleep`.
    Empty(Empty),
    /// To `now`.
    Time(Time),
    /// To `random`.
    Random(RandomBytes),
    /// To `hmac.verify`.
    Verified(Verified),
    /// To `blob.read`.
    Blob(BlobBytes<'a>),
    /// To `secret.reveal`.
    Secret(SecretValue<'a>),
}

/// Done, and nothing to say: `{}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Empty {}

/// What the host's clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Time {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub unix_micros: i64,
}

/// Random bytes, as many as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RandomBytes {
    /// The bytes.
    pub bytes: Attachment,
}

/// Whether a signature is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verified {
    /// It is.
    pub valid: bool,
}

/// A piece of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BlobBytes<'a> {
    /// The piece, shorter than asked for at the end of the blob.
    pub bytes: Attachment,
    /// Length of the whole blob in bytes.
    pub size: u64,
    /// Its content type.
    #[serde(borrow)]
    pub content_type: Cow<'a, str>,
}

/// A field of a credential in the clear. Its `Debug` output hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecretValue<'a> {
    /// The value: a string as it is, anything else as JSON.
    #[serde(borrow)]
    pub value: Cow<'a, str>,
}

impl fmt::Debug for SecretValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn a_host_writes_what_a_plugin_reads() {
        let events = Events {
            events: vec![
                Event::ok(7, Answer::Time(Time { unix_micros: 1 })),
                Event::err(
                    8,
                    CallError::new("TIMEOUT", "No answer within 30 s.").retryable(),
                ),
                Event::cancel("the run was cancelled"),
            ],
        };
        let json = serde_json::to_string(&events).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"events":[{"id":7,"ok":{"unixMicros":1}},"#,
                r#"{"id":8,"err":{"code":"TIMEOUT","message":"No answer within 30 s.","retryable":true}},"#,
                r#"{"cancel":{"reason":"the run was cancelled"}}]}"#
            )
        );
        let read: Events<&RawValue> = serde_json::from_str(&json).unwrap();
        assert_eq!(read.events[0].ok.unwrap().get(), r#"{"unixMicros":1}"#);
        assert!(read.events[1].err.as_ref().unwrap().retryable);
        assert!(read.events[2].cancel.is_some());
    }
}
