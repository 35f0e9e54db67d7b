//! What deliveries go into. A sink takes one message to the other side and says what that answered.
//!
//! A sink is one protocol and nothing else. When to send, the signature, retries, the breaker, limits, order and the history
//! are above it (`courier`), and so are the same for all sinks. The scheme of an endpoint's URL chooses the sink.
//!
//! # Another sink
//!
//! One for SQS, Kafka or the like is a file here with a type that implements [`Sink`], and a variant of [`Outlet`]:
//!
//! - The type is made from the text of the URL and can only be valid: what cannot be sent to is refused when the endpoint is
//!   saved.
//! - The event's id goes where the other side recognises repeats (`MessageDeduplicationId` of a FIFO queue of SQS, the key of a
//!   record of Kafka), and its headers become attributes of the message.
//! - It has arrived when the other side has said that it keeps it. Everything else is a refusal that begins with a code.
//! - Its connections are opened by `jackfield-egress`, which checks addresses. What speaks HTTP, as SQS does, uses
//!   [`Egress::send`].
//! - One that comes as a plugin is a variant too: it calls a node of the plugin with the message, and the host performs the
//!   requests, so the plugin needs neither a connection nor a credential.

mod http;
mod nats;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, header::AUTHORIZATION};
use bytes::Bytes;
use jackfield_connected_apps::{Echoes, TokenRequest};
use jackfield_egress::{Egress, EgressError};
use jackfield_storage::{Timestamp, event::Event};
use url::Url;

use self::http::Http;
pub(super) use self::nats::NO_OAUTH2;
use self::nats::Nats;
use super::authentication::Credential;

/// How much of an answer is kept, in bytes.
const KEPT: usize = 16 << 10;

/// Takes messages to one place.
pub(super) trait Sink {
    /// Sends a message once, and waits for the answer until the message's patience is over.
    fn send(&self, egress: &Egress, message: Message) -> impl Future<Output = Answer> + Send;
}

/// One message, signed.
#[derive(Clone)]
pub(super) struct Message {
    /// Whose type may say where it goes, and whose id is the same however often it is sent.
    pub event: Arc<Event>,
    pub body: Bytes,
    /// The signature, the type of the content, and what the endpoint's owner has set.
    pub headers: HeaderMap,
    /// The instant of this attempt.
    pub at: Timestamp,
    /// How long everything may take.
    pub patience: Duration,
}

/// What came of sending a message.
pub(super) struct Answer {
    /// The number that the other side calls its answer by, where there is one.
    pub status: Option<u16>,
    /// What the other side said, or the beginning of it; none when it said nothing.
    pub text: Option<String>,
    /// Why the message does not count as received: a code and a sentence. None when it was.
    pub refusal: Option<String>,
    /// Whether the other side asks to be spared for a while.
    pub slow_down: bool,
    /// How long it wants to be left alone.
    pub retry_after: Option<Duration>,
    /// Whether it is gone for good.
    pub gone: bool,
}

impl Answer {
    /// Nothing was sent, or nothing came back. The sentence begins with a code.
    pub fn none(why: String) -> Self {
        Self {
            status: None,
            text: None,
            refusal: Some(why),
            slow_down: false,
            retry_after: None,
            gone: false,
        }
    }

    /// Masks what is secret in what the other side said.
    pub fn mask(&mut self, echoes: &Echoes) {
        if let Some(text) = self.text.take() {
            let masked = echoes.masked(text.into());
            self.text = Some(String::from_utf8_lossy(&masked).into_owned());
        }
    }
}

impl From<EgressError> for Answer {
    fn from(error: EgressError) -> Self {
        Self::none(format!("{}: {error}", error.code()))
    }
}

/// The sink of an endpoint.
#[derive(Debug)]
pub(super) enum Outlet {
    Http(Http),
    Nats(Nats),
}

impl Outlet {
    /// The sink that an endpoint's URL means. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|error| format!("This is not a URL: {error}."))?;
        Ok(match url.scheme() {
            "nats" | "tls" => Self::Nats(Nats::parse(text)?),
            _ => Self::Http(Http::new(url)),
        })
    }

    /// Has messages carry a credential: over HTTP in `headers`. Returns what a token is asked for with, if one has to be.
    ///
    /// # Errors
    ///
    /// A sentence when it cannot be used here.
    pub fn authenticate(
        &mut self,
        credential: Credential,
        headers: &mut HeaderMap,
    ) -> Result<Option<TokenRequest>, String> {
        match (self, credential) {
            (Self::Http(_), Credential::Token(request)) => return Ok(Some(request)),
            (Self::Http(_), credential) => {
                let value = credential.header();
                let value = value.ok_or("it cannot be sent in a header")?;
                headers.insert(AUTHORIZATION, value);
            }
            (Self::Nats(nats), credential) => nats.authenticate(credential)?,
        }
        Ok(None)
    }

    /// Checks where it leads. Returns whether that is nowhere but in ranges that the operator has allowed.
    ///
    /// # Errors
    ///
    /// When nothing may be sent there.
    pub async fn check(&self, egress: &Egress) -> Result<bool, EgressError> {
        match self {
            Self::Http(http) => egress.check_target(http.url()).await,
            Self::Nats(nats) => nats.check(egress).await,
        }
    }

    /// How a URL begins whose messages nobody on the way can read.
    pub fn encrypted_scheme(&self) -> &'static str {
        match self {
            Self::Http(_) => "https",
            Self::Nats(_) => "tls",
        }
    }

    /// Whether nobody on the way can read what is sent.
    pub fn is_encrypted(&self) -> bool {
        match self {
            Self::Http(http) => http.url().scheme() == "https",
            Self::Nats(nats) => nats.is_encrypted(),
        }
    }
}

/// The URL, as it is stored and shown.
impl fmt::Display for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(http) => http.url().fmt(f),
            Self::Nats(nats) => nats.fmt(f),
        }
    }
}

impl Sink for Outlet {
    async fn send(&self, egress: &Egress, message: Message) -> Answer {
        match self {
            Self::Http(http) => http.send(egress, message).await,
            // Boxed, so that what waits for an answer over HTTP is not as large.
            Self::Nats(nats) => Box::pin(nats.send(egress, message)).await,
        }
    }
}

/// Text that every database takes.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace('\0', "\u{fffd}")
}
