use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::TriggerEvent;
use crate::frame::Attachment;
use crate::messages::Header;

/// Verify and read a request that a provider sent: [`ReceivedRequest`] → [`Received`]. The call names the provider, the
/// trigger node, or both.
pub const WEBHOOK_RECEIVE: &str = "webhook.receive";

/// The arguments of `webhook.receive`: the request as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReceivedRequest<'a> {
    /// In capitals, e.g. `POST`.
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    /// The whole URL that the provider called, as it knows it: some providers sign it.
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// In the order received, names in lower case.
    #[serde(borrow, default)]
    pub headers: Vec<Header<'a>>,
    /// The raw body, possibly empty; signatures are over these bytes.
    pub body: Attachment,
}

/// The result of `webhook.receive`: `{"accepted":{…}}`, `{"rejected":{…}}` or `{"challenge":{…}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Received {
    /// The signature is right. The provider is answered when the events are on disk.
    Accepted(Accepted),
    /// The signature is wrong, or the request is none of the provider's: it is answered with 401 and nothing happens.
    Rejected(Rejected),
    /// The provider asks whether somebody is here: it gets this reply and nothing happens.
    Challenge(WebhookReply),
}

/// A request that is the provider's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// What happened; empty when it concerns nobody.
    #[serde(default)]
    pub events: Vec<TriggerEvent>,
    /// What the provider wants to read; 200 without a body unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond: Option<WebhookReply>,
}

/// Why a request is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// A sentence for the operator; the sender does not see it.
    pub reason: String,
}

/// A reply to a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookReply {
    /// 200 to 599.
    pub status: u16,
    /// `Content-Length`, `Connection` and `Transfer-Encoding` are the host's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body as text; empty when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}
