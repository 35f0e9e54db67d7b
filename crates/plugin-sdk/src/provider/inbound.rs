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

/// What a provider sends whose signatures the host checks itself, by a scheme that it has built in under the provider's name
/// (Stripe, Slack, Twilio, Quo …). The plugin says what comes; its triggers are handed only what was found to be genuine, and verify
/// nothing.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::HostWebhook;
///
/// let sends = HostWebhook {
///     event_types: &[("message.received", "A text message came.")],
///     setup: "Enter the URL at Quo, under Workspace settings, API.",
/// };
/// # let provider =
/// Provider::new("quo", "Quo").host_webhook(&sends)
/// # ;
/// # let plugin = Plugin::new("quo", "1.0.0").provider(provider);
/// # assert!(plugin.manifest().providers[0].webhook.as_ref().unwrap().verified_by_host);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HostWebhook<'a> {
    /// The provider's name of each kind of event, and when it is sent.
    pub event_types: &'a [(&'a str, &'a str)],
    /// How to set it up at the provider, in Markdown.
    pub setup: &'a str,
}

impl HostWebhook<'_> {
    pub(super) fn manifest(&self) -> WebhookManifest {
        WebhookManifest {
            verified_by_host: true,
            ..manifest_of(self.event_types, self.setup)
        }
    }
}

pub(super) fn manifest<W: ProviderWebhook>() -> WebhookManifest {
    manifest_of(W::EVENT_TYPES, W::SETUP)
}

fn manifest_of(event_types: &[(&str, &str)], setup: &str) -> WebhookManifest {
    let event_type = |(name, description): &(&str, &str)| WebhookEventType {
        name: (*name).to_owned(),
        description: (*description).to_owned(),
    };
    WebhookManifest {
        event_types: event_types.iter().map(event_type).collect(),
        setup: Some(setup.to_owned()).filter(|setup| !setup.is_empty()),
        verified_by_host: false,
    }
}
