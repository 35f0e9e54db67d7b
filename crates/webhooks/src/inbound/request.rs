//! What comes in and what is answered.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jackfield_storage::{
    ids::{EventId, RunId},
    inbound_hook::Respond,
    run::Run,
};

/// A request to `/hooks/{token}`, its body read and not yet decoded.
#[derive(Clone, Debug)]
pub struct InboundRequest {
    /// The method.
    pub method: Method,
    /// The last part of the path.
    pub token: String,
    /// The query without `?`, as it came.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

/// What a request to a hook is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The event is on disk.
    Accepted(Accepted),
    /// The sender only wanted to see that the address is ours: 200 with this text as `text/plain`.
    Challenge(String),
    /// Nothing was stored but perhaps a trace.
    Rejected(Rejected),
}

/// A webhook whose event is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The event, for a repeated delivery that of the first one.
    pub event_id: EventId,
    /// The runs that it started; none for a repeated delivery.
    pub runs: Vec<RunId>,
    /// The first of them, if it is over already.
    pub finished: Option<Box<Run>>,
    /// When the sender wants to be answered.
    pub respond: Respond,
    /// Whether the same event had come before.
    pub duplicate: bool,
}

/// A webhook that was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// 400, 401, 404, 405, 410, 413 or 415.
    pub status: StatusCode,
    /// A stable name.
    pub code: &'static str,
    /// A sentence for the sender, without secrets.
    pub message: String,
    /// The methods to name in `Allow`, with 405.
    pub allow: Option<&'static str>,
}

impl Rejected {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            allow: None,
        }
    }

    /// The same for every token that leads nowhere.
    pub(super) fn unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "there is no webhook at this address",
        )
    }

    pub(super) fn gone() -> Self {
        Self::new(
            StatusCode::GONE,
            "GONE",
            "this webhook is not active: publish its workflow to receive again",
        )
    }

    pub(super) fn method(allow: &'static str) -> Self {
        let message = format!("send webhooks by POST; allowed here: {allow}");
        let rejected = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            message,
        );
        Self {
            allow: Some(allow),
            ..rejected
        }
    }
}
