use std::borrow::Cow;

use bytes::Bytes;
use jackfield_plugin_abi::frame::Attachments;
use jackfield_plugin_abi::messages::{
    Answer, BlobBytes, BlobRef, CallError, Empty, Header, HttpResponse, RandomBytes, SecretValue,
    Time, Verified,
};

use crate::services::{BlobPart, SecretBytes};

/// An effect that is over.
pub(crate) struct Ending {
    pub(crate) id: u64,
    pub(crate) result: Result<Reply, CallError>,
}

impl Ending {
    pub(crate) fn new(id: u64, result: Result<Reply, CallError>) -> Self {
        Self { id, result }
    }
}

/// What came of an effect.
pub(crate) enum Reply {
    Empty,
    Time(i64),
    Random(Vec<u8>),
    Verified(bool),
    Blob(BlobPart),
    Secret(SecretBytes),
    Http(Box<Exchange>),
}

/// What came of a request.
pub(crate) struct Exchange {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) blob: Option<BlobRef>,
    pub(crate) truncated: bool,
    pub(crate) url: String,
    pub(crate) duration_ms: u64,
}

impl Reply {
    /// The message, with its bytes among the attachments.
    pub(crate) fn message<'a>(&'a self, attachments: &mut Attachments) -> Answer<'a> {
        match self {
            Self::Empty => Answer::Empty(Empty {}),
            Self::Time(unix_micros) => Answer::Time(Time {
                unix_micros: *unix_micros,
            }),
            Self::Random(bytes) => Answer::Random(RandomBytes {
                bytes: attachments.attach(bytes),
            }),
            Self::Verified(valid) => Answer::Verified(Verified { valid: *valid }),
            Self::Blob(part) => Answer::Blob(BlobBytes {
                bytes: attachments.attach(&part.bytes),
                size: part.size,
                content_type: Cow::Borrowed(&part.content_type),
            }),
            Self::Secret(secret) => Answer::Secret(SecretValue {
                value: String::from_utf8_lossy(secret.expose()),
            }),
            Self::Http(exchange) => Answer::Http(exchange.message(attachments)),
        }
    }
}

impl Exchange {
    fn message<'a>(&'a self, attachments: &mut Attachments) -> HttpResponse<'a> {
        let header =
            |(name, value): &'a (String, String)| Header(Cow::Borrowed(name), Cow::Borrowed(value));
        let attached = !self.body.is_empty() && self.blob.is_none();
        HttpResponse {
            status: self.status,
            headers: self.headers.iter().map(header).collect(),
            body: attached.then(|| attachments.attach(&self.body)),
            blob: self.blob.clone(),
            truncated: self.truncated,
            url: Cow::Borrowed(&self.url),
            duration_ms: self.duration_ms,
        }
    }
}
