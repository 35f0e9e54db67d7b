use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_storage::event;
use jackfield_storage::hook_health::Verdict;
use jackfield_storage::inbound_request::{self, KeptBody, KeptRequest};

use crate::context::ContextExt;
use crate::event::Event;
use crate::scalars::DateTime;

/// A request that came to a hook.
#[derive(Clone)]
pub struct InboundRequest {
    request: inbound_request::InboundRequest,
    kept: Option<KeptRequest>,
}

impl From<inbound_request::InboundRequest> for InboundRequest {
    fn from(request: inbound_request::InboundRequest) -> Self {
        let kept = match &request {
            inbound_request::InboundRequest::Event(event) => kept(event),
            inbound_request::InboundRequest::Trace(_) => None,
        };
        Self { request, kept }
    }
}

/// The request that brought an event, if it is kept.
pub fn kept(event: &event::Event) -> Option<KeptRequest> {
    event.request.as_ref()?.parse().ok()
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Verdict")]
pub enum InboundVerdict {
    /// It brought an event.
    Accepted,
    /// It was refused.
    Rejected,
    /// Its event was there already.
    Duplicate,
}

/// A header of a request.
#[derive(Clone, SimpleObject)]
struct InboundHeader {
    /// Its name in small letters.
    name: String,
    /// Its value; null where that is a secret, which is not kept.
    value: Option<String>,
}

/// A request that came to a hook.
#[Object]
impl InboundRequest {
    /// The request's id.
    pub async fn id(&self) -> ID {
        self.request.id().to_string().into()
    }

    /// What became of it.
    async fn verdict(&self) -> InboundVerdict {
        match &self.request {
            inbound_request::InboundRequest::Event(_) => InboundVerdict::Accepted,
            inbound_request::InboundRequest::Trace(trace) => trace.verdict.into(),
        }
    }

    /// The status that it was answered with; null when it is not known. That of a request that waits for its run is the run's to
    /// say, and shown as 200.
    async fn status(&self) -> Option<i32> {
        match &self.request {
            inbound_request::InboundRequest::Event(_) => Some(200),
            inbound_request::InboundRequest::Trace(trace) => trace.status,
        }
    }

    /// Why it brought no event, as a stable code; null when it did.
    async fn reason(&self) -> Option<&str> {
        match &self.request {
            inbound_request::InboundRequest::Event(_) => None,
            inbound_request::InboundRequest::Trace(trace) => Some(&trace.reason),
        }
    }

    /// Why it brought no event, in a sentence; null when it did.
    async fn detail(&self) -> Option<&str> {
        match &self.request {
            inbound_request::InboundRequest::Event(_) => None,
            inbound_request::InboundRequest::Trace(trace) => Some(&trace.detail),
        }
    }

    /// The event that it brought or, for a repeat, the first one.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        match &self.request {
            inbound_request::InboundRequest::Event(event) => {
                Ok(Some(Event(event::Event::clone(event))))
            }
            inbound_request::InboundRequest::Trace(trace) => match trace.event_id {
                Some(id) => Ok(ctx.loaders()?.event.load(id).await?.map(Event)),
                None => Ok(None),
            },
        }
    }

    /// The length of its body in bytes.
    async fn bytes(&self) -> i32 {
        let bytes = match &self.request {
            inbound_request::InboundRequest::Event(event) => {
                let body = self.kept.as_ref().and_then(|kept| kept.body.as_ref());
                body.map_or(event.data.as_str().len(), KeptBody::len)
            }
            inbound_request::InboundRequest::Trace(trace) => {
                usize::try_from(trace.size).unwrap_or(usize::MAX)
            }
        };
        i32::try_from(bytes).unwrap_or(i32::MAX)
    }

    /// When it came.
    async fn received_at(&self) -> DateTime {
        match &self.request {
            inbound_request::InboundRequest::Event(event) => event.created_at.into(),
            inbound_request::InboundRequest::Trace(trace) => trace.received_at.into(),
        }
    }

    /// The method; null for a request that brought no event, of which no more is kept than is shown above.
    async fn method(&self) -> Option<&str> {
        Some(&self.kept.as_ref()?.method)
    }

    /// The query without `?`, and without a secret in it.
    async fn query(&self) -> Option<&str> {
        self.kept.as_ref()?.query.as_deref()
    }

    /// The headers in the order in which they came; null where the request is not kept.
    async fn headers(&self) -> Option<Vec<InboundHeader>> {
        let headers = self.kept.as_ref()?.headers.iter();
        let shown = headers.map(|(name, value)| InboundHeader {
            name: name.clone(),
            value: value.clone(),
        });
        Some(shown.collect())
    }

    /// The body, byte for byte, in base64; null where the request is not kept.
    async fn body_base64(&self) -> Option<String> {
        let kept = self.kept.as_ref()?;
        let inbound_request::InboundRequest::Event(event) = &self.request else {
            return None;
        };
        Some(match &kept.body {
            None => STANDARD.encode(event.data.as_str()),
            Some(KeptBody::Text(text)) => STANDARD.encode(text),
            Some(KeptBody::Base64(text)) => text.clone(),
        })
    }

    /// The address that it came from, as far as that is known.
    async fn from(&self) -> Option<&str> {
        self.kept.as_ref()?.from.as_deref()
    }
}
