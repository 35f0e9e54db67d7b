//! What comes in and what is answered.

use bytes::Bytes;
use std::net::IpAddr;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
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
    /// The address that it came from, as far as that is known.
    pub from: Option<IpAddr>,
}

/// What a request to a hook is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The event is on disk.
    Accepted(Accepted),
    /// The sender only wanted to see that the address is ours, or told of nothing.
    Challenge(Reply),
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
    /// What the provider's plugin wants the sender to read.
    pub reply: Option<Reply>,
}

/// An answer that a provider expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, none of which is the connection's.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Default for Reply {
    /// 200 without a body.
    fn default() -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: String::new(),
        }
    }
}

impl From<String> for Reply {
    /// 200 with this text as `text/plain`.
    fn from(body: String) -> Self {
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        Self {
            headers: HeaderMap::from_iter([(CONTENT_TYPE, plain)]),
            body,
            ..Self::default()
        }
    }
}

/// A webhook that was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// 400, 401, 403, 404, 405, 410, 413, 415 or 429.
    pub status: StatusCode,
    /// A stable name.
    pub code: &'static str,
    /// A sentence for the sender, without secrets.
    pub message: String,
    /// The methods to name in `Allow`, with 405.
    pub allow: Option<&'static str>,
    /// After how many seconds to try again, with 429.
    pub retry_after: Option<u64>,
    /// What the owner of the hook is told instead of the message.
    pub(super) detail: Option<String>,
}

impl Rejected {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            allow: None,
            retry_after: None,
            detail: None,
        }
    }

    /// The same with another sentence for the owner of the hook.
    pub(super) fn detailed(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
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

    pub(super) fn gone(remedy: &str) -> Self {
        let message = format!("this webhook is not active: {remedy}");
        Self::new(StatusCode::GONE, "GONE", message)
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
