//! Requests that the plugin of a provider verifies and reads.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jackfield_plugin_host::{
    IncomingRequest,
    messages::{CallError, Received, TriggerEvent, WebhookReply, code},
};
use jackfield_storage::{
    Json, Timestamp, connected_app::ConnectedApp, event, inbound_hook::Format,
};
use tokio::time::timeout;

use super::{
    Inbound,
    accept::{AcceptError, Judged},
    append::Happened,
    body,
    identity::Identity,
    request::{InboundRequest, Rejected, Reply},
    target::Target,
};

/// How long a plugin may take; providers give up after about as long.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// A request in the form in which plugins are handed it.
pub(super) struct Handed<'r> {
    request: &'r InboundRequest,
    url: String,
    headers: Vec<(String, String)>,
    /// When it was found to be genuine, where that was before.
    pub(super) vouched: Option<Timestamp>,
}

impl<'r> Handed<'r> {
    /// A request that came to that URL.
    pub fn of(url: String, request: &'r InboundRequest) -> Self {
        let headers = request.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        });
        Self {
            url,
            headers: headers.collect(),
            request,
            vouched: None,
        }
    }

    /// The same request, which was found to be genuine at that instant and is read once more.
    #[must_use]
    pub fn vouched(mut self, at: Timestamp) -> Self {
        self.vouched = Some(at);
        self
    }

    pub fn incoming(&self) -> IncomingRequest<'_> {
        IncomingRequest {
            method: self.request.method.as_str(),
            url: &self.url,
            headers: &self.headers,
            body: &self.request.body,
        }
    }
}

impl Inbound {
    /// Asks the plugin, with each of the hook's secrets until one fits.
    pub(super) async fn ask_plugin(
        &self,
        target: &Target,
        app: &ConnectedApp,
        request: &InboundRequest,
        now: Timestamp,
    ) -> Result<Result<Judged, Rejected>, AcceptError> {
        if let Err(rejected) = body::check_headers(&request.headers, Format::Raw) {
            return Ok(Err(rejected));
        }
        let handed = Handed::of(self.url(request), request);
        let mut refused = String::new();
        for secret in target.secrets_or_none(now) {
            let asked = self
                .apps
                .receive(app.clone(), secret, None, handed.incoming(), None);
            let received = timeout(TIMEOUT, asked).await.map_err(|_| too_slow())??;
            match received {
                Received::Accepted(accepted) => {
                    let events = accepted.events.into_iter();
                    let happened = events.map(|event| read(&app.provider, event)).collect();
                    let reply = accepted.respond.map(reply);
                    return Ok(Ok(Judged::Events(happened, reply)));
                }
                Received::Challenge(challenge) => {
                    return Ok(Ok(Judged::Challenge(reply(challenge))));
                }
                Received::Rejected(rejected) => refused = rejected.reason,
            }
        }
        let message = "the request is not one that the provider has signed for this webhook";
        let rejected = Rejected::new(StatusCode::UNAUTHORIZED, "NOT_ACCEPTED", message);
        Ok(Err(rejected.detailed(refused)))
    }
}

pub(super) fn too_slow() -> CallError {
    let message = format!("it took longer than {} s", TIMEOUT.as_secs());
    CallError::new(code::TIMEOUT, message)
}

pub(super) fn read(provider: &str, told: TriggerEvent) -> Happened {
    // The host has checked that it is a time.
    let occurred_at = told.occurred_at.and_then(|time| time.parse().ok());
    let identity = Identity {
        event_type: event::named(provider, told.event_type),
        provider_id: Some(event::short_id(told.dedupe_key)),
        occurred_at,
    };
    Happened {
        identity,
        data: Json::from(told.data),
        started: Vec::new(),
    }
}

pub(super) fn reply(reply: WebhookReply) -> Reply {
    /// These are the connection's.
    const NOT_ITS_OWN: [&str; 4] = [
        "connection",
        "content-length",
        "transfer-encoding",
        "upgrade",
    ];
    let headers = reply.headers.into_iter().filter_map(|(name, value)| {
        let name = HeaderName::try_from(name).ok()?;
        let value = HeaderValue::try_from(value).ok()?;
        (!NOT_ITS_OWN.contains(&name.as_str())).then_some((name, value))
    });
    Reply {
        status: StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK),
        headers: HeaderMap::from_iter(headers),
        body: reply.body.unwrap_or_default(),
    }
}
