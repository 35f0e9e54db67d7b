use std::future::Future;

use jackfield_plugin_abi::messages::{
    Accepted, Received, Rejected, Trigger, WebhookReply, WebhookTrigger,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{Event, InboundRequest};
use crate::call::{Opened, Work, answer};
use crate::node::NodeParts;
use crate::{About, Context, Result, schema_of};

/// A trigger that is told: the provider sends requests to the URL of a connected app, to which any number of triggers listen. The
/// implementing type is its config. The host asks each of them about each request.
///
/// [`Reception`] is the answer: the events, a rejection, or what the provider wants to read when it asks whether somebody
/// is here. The secret stays with the host, which [compares](Context::verify_hmac). A trigger of a provider with a
/// [`HostWebhook`](crate::HostWebhook) verifies nothing: the host has done so.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::{Event, HmacAlgorithm, InboundRequest, Reception, SignatureEncoding, Webhook};
///
/// /// Starts a run for each push to a repository.
/// #[derive(Config)]
/// struct Push {
///     /// Only pushes to this branch.
///     #[field(placeholder = "main")]
///     branch: Option<String>,
/// }
///
/// impl Webhook for Push {
///     const TYPE: &'static str = "forge-push";
///
///     fn about() -> About {
///         About::new("Push").icon("git-branch").provider("forge")
///     }
///
///     async fn receive(self, context: Context, request: InboundRequest) -> Result<Reception> {
///         let signature = request.header("x-hub-signature-256").and_then(|header| header.strip_prefix("sha256="));
///         let (Some(signature), Some(app)) = (signature, context.credential()) else {
///             return Ok(Reception::rejected("The request is not signed."));
///         };
///         let (key, signature) = ((app, "webhookSecret"), (signature, SignatureEncoding::Hex));
///         if !context.verify_hmac(HmacAlgorithm::Sha256, key, request.bytes(), signature).await? {
///             return Ok(Reception::rejected("The signature is wrong."));
///         }
///         let push: Value = request.json()?;
///         let id = request.header("x-delivery").unwrap_or_default();
///         let event = Event::new(id, &push).of_type("push");
///         let is_wanted = self.branch.is_none_or(|branch| push["ref"] == format!("refs/heads/{branch}"));
///         Ok(Reception::accepted(is_wanted.then_some(event)))
///     }
/// }
/// # use jackfield_plugin_sdk::testing;
/// # let body = br#"{"ref": "refs/heads/main"}"#;
/// # let signature = testing::sign(HmacAlgorithm::Sha256, b"whsec", body, SignatureEncoding::Hex);
/// # let push = |secret: &str| testing::plugin(Plugin::new("forge", "1.0.0").webhook::<Push>())
/// #     .receive("forge-push", json!({}), ("POST", "https://h.example/hooks/1"),
/// #         &[("X-Delivery", "d1"), ("X-Hub-Signature-256", &format!("sha256={signature}"))], body)
/// #     .connected_app("forge", &json!({})).secret("webhookSecret", secret).run().output();
/// # assert_eq!(push("other"), json!({"rejected": {"reason": "The signature is wrong."}}));
/// # assert_eq!(push("whsec"), json!({"accepted": {"events": [
/// #     {"dedupeKey": "d1", "type": "push", "data": {"ref": "refs/heads/main"}}]}}));
/// ```
pub trait Webhook: DeserializeOwned + JsonSchema + Send + 'static {
    /// What workflow definitions call it: lower case letters, digits and hyphens, unique on a host.
    const TYPE: &'static str;

    /// The event types that it takes, of those of its provider's webhook; empty for all.
    const EVENT_TYPES: &'static [&'static str] = &[];

    /// How it presents itself.
    fn about() -> About;

    /// Verifies a request and reads what happened.
    fn receive(
        self,
        context: Context,
        request: InboundRequest,
    ) -> impl Future<Output = Result<Reception>> + Send;

    #[doc(hidden)]
    fn parts() -> crate::derived::NodeParts {
        let about = Self::about().without_input();
        let mut parts: NodeParts = about.into_parts(Self::TYPE, schema_of::<Self>(), None);
        let event_types = Self::EVENT_TYPES
            .iter()
            .map(|&name| name.to_owned())
            .collect();
        parts.manifest.trigger = Some(Trigger::Webhook(WebhookTrigger { event_types }));
        crate::derived::NodeParts(parts)
    }
}

/// What a request of a provider is.
#[derive(Debug)]
pub enum Reception {
    /// It is the provider's. The reply is sent when the events are on disk; unless given, what the provider wants to read where the
    /// host knows that, and otherwise 200 with the id of the first event.
    Accepted {
        /// What happened.
        events: Vec<Event>,
        /// What the provider wants to read.
        reply: Option<WebhookReply>,
    },
    /// It is not, or its signature is wrong: the sender gets 401, the reason is for the operator.
    Rejected(String),
    /// The provider asks whether somebody is here, and wants to read this.
    Challenge(WebhookReply),
}

impl Reception {
    /// These events happened; none when the request concerns nobody.
    pub fn accepted(events: impl IntoIterator<Item = Event>) -> Self {
        Self::Accepted {
            events: events.into_iter().collect(),
            reply: None,
        }
    }

    /// The same, where the provider wants to read this text, of this content type such as `text/xml`, with status 200 when the
    /// events are on disk. Says nothing where the request is not accepted. Of several triggers that listen, the first that answers is
    /// the one whose answer is sent.
    #[must_use]
    pub fn answered(mut self, content_type: &str, text: &str) -> Self {
        if let Self::Accepted { reply, .. } = &mut self {
            *reply = Some(told(content_type, text));
        }
        self
    }

    /// The request is not the provider's.
    pub fn rejected(reason: &str) -> Self {
        Self::Rejected(reason.to_owned())
    }

    /// The provider gets this text with status 200.
    pub fn challenge(text: &str) -> Self {
        Self::Challenge(told("text/plain; charset=utf-8", text))
    }

    fn into_message(self) -> Result<Received> {
        Ok(match self {
            Self::Accepted { events, reply } => {
                let events = events
                    .into_iter()
                    .map(Event::into_message)
                    .collect::<Result<_>>()?;
                Received::Accepted(Accepted {
                    events,
                    respond: reply,
                })
            }
            Self::Rejected(reason) => Received::Rejected(Rejected { reason }),
            Self::Challenge(reply) => Received::Challenge(reply),
        })
    }
}

/// A text for the provider, with status 200.
fn told(content_type: &str, text: &str) -> WebhookReply {
    WebhookReply {
        status: 200,
        headers: vec![("content-type".to_owned(), content_type.to_owned())],
        body: Some(text.to_owned()),
    }
}

pub(crate) fn start_webhook<W: Webhook>(opened: &Opened<'_>) -> Result<Work> {
    let node: W = opened.config()?;
    receive(opened, |context, request| node.receive(context, request))
}

/// Begins a `webhook.receive`, of a node or of a provider.
pub(crate) fn receive<F: Future<Output = Result<Reception>> + Send + 'static>(
    opened: &Opened<'_>,
    receive: impl FnOnce(Context, InboundRequest) -> F,
) -> Result<Work> {
    let reception = receive(opened.context.clone(), InboundRequest::read(opened)?);
    Ok(answer(async move { reception.await?.into_message() }))
}
