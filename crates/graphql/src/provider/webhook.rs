use async_graphql::SimpleObject;
use jackfield_plugin_host::messages::WebhookManifest;

/// What a provider sends on its own.
#[derive(SimpleObject)]
pub struct ProviderWebhook {
    /// What it can tell of.
    event_types: Vec<ProviderEventType>,
    /// How to set it up at the provider, in Markdown; null when the plugin does not say.
    setup: Option<String>,
}

/// A kind of event that a provider tells of.
#[derive(SimpleObject)]
struct ProviderEventType {
    /// The provider's name for it, such as `invoice.paid`.
    name: String,
    /// When it is sent.
    description: String,
}

impl ProviderWebhook {
    /// What a manifest says.
    pub fn of(webhook: &WebhookManifest) -> Self {
        let types = webhook.event_types.iter();
        let types = types.map(|kind| ProviderEventType {
            name: kind.name.clone(),
            description: kind.description.clone(),
        });
        Self {
            event_types: types.collect(),
            setup: webhook.setup.clone(),
        }
    }
}
