use std::future::Future;

use jackfield_plugin_abi::messages::{WebhookEventType, WebhookManifest};

use crate::{Context, InboundRequest, Reception, Result};

/// What a provider sends on its own, for the whole connected app: one address for all its events. A trigger node that has a
/// config of its own is a [`Webhook`](crate::Webhook).
pub trait ProviderWebhook: Send + 'static {
    /// What it can tell of: the provider's name of each kind of event, and when it is sent.
    const EVENT_TYPES: &'static [(&'static str, &'static str)];
    /// How to set it up at the provider, in Markdown.
    const SETUP: &'static str = "";

    /// Verifies a request and reads what happened.
    fn receive(
        context: Context,
        request: InboundRequest,
    ) -> impl Future<Output = Result<Reception>> + Send;
}

pub(super) fn manifest<W: ProviderWebhook>() -> WebhookManifest {
    let event_type = |(name, description): &(&str, &str)| WebhookEventType {
        name: (*name).to_owned(),
        description: (*description).to_owned(),
    };
    WebhookManifest {
        event_types: W::EVENT_TYPES.iter().map(event_type).collect(),
        setup: Some(W::SETUP.to_owned()).filter(|setup| !setup.is_empty()),
    }
}
