//! What the hook of an app needs of it.

use jackfield_plugin_host::{
    IncomingRequest, Operation,
    messages::{CallError, CredentialSlot, Received, Trigger},
};
use jackfield_storage::{
    Json, Timestamp,
    connected_app::ConnectedApp,
    credential_use::UsePurpose,
    inbound_hook::{self, HookConfig, InboundHook, Scheme},
};

use serde_json::{Map, Value, value::to_raw_value};

use super::ConnectedApps;
use crate::{Account, HookSecrets, Secret};

/// The member of an app's credentials that its provider signs with, where it is one of them.
pub(crate) const WEBHOOK_SECRET: &str = "webhookSecret";

impl ConnectedApps {
    /// How requests of a provider are checked: by a scheme that is built in, or by the plugin; `None` when the provider sends
    /// nothing.
    pub fn hook_scheme(&self, provider: &str) -> Option<Scheme> {
        let asked = || self.plugin_receives(provider).then_some(Scheme::Plugin);
        Scheme::of_provider(provider).or_else(asked)
    }

    /// Whether the plugin of a provider can check what it sends: for the provider, or for a trigger. One that leaves it to the host
    /// checks nothing.
    pub fn plugin_receives(&self, provider: &str) -> bool {
        let found = self.host.provider(provider);
        let webhook = found
            .as_ref()
            .and_then(|found| found.manifest.webhook.as_ref());
        if webhook.is_some_and(|webhook| webhook.verified_by_host) {
            return false;
        }
        self.provider_reads(provider)
            || self.host.node_types().iter().any(|node| {
                let told = matches!(node.manifest.trigger, Some(Trigger::Webhook(_)));
                told && node.manifest.provider.as_deref() == Some(provider)
            })
    }

    /// Whether it can do so without a trigger that listens.
    pub fn provider_reads(&self, provider: &str) -> bool {
        let found = self.host.provider(provider);
        let webhook = found
            .as_ref()
            .and_then(|found| found.manifest.webhook.as_ref());
        webhook.is_some_and(|webhook| !webhook.verified_by_host)
    }

    /// A new hook for an app whose provider sends something.
    pub(super) fn hook_of(&self, app: &ConnectedApp) -> Option<InboundHook> {
        let scheme = self.hook_scheme(&app.provider)?;
        Some(self.new_hook(app, scheme))
    }

    /// A new hook for an app, not yet stored.
    pub fn new_hook(&self, app: &ConnectedApp, scheme: Scheme) -> InboundHook {
        let config = HookConfig {
            scheme,
            ..HookConfig::default()
        };
        let clock = self.store.clock();
        InboundHook {
            id: clock.id(),
            workspace_id: app.workspace_id,
            workflow_id: None,
            node_key: None,
            token: inbound_hook::new_token(clock),
            // A config without a secret in it is always JSON.
            config: Json::of(&config).unwrap_or_else(|_| Json::null()),
            sealed_secret: None,
            active: true,
            created_at: clock.now(),
            connected_app_id: Some(app.id),
            previous_token: None,
            previous_token_until: None,
            revision: 0,
        }
    }

    /// What the provider signs with, where it is among the credentials of the app.
    pub fn webhook_secret(&self, app: ConnectedApp) -> Option<HookSecrets> {
        let open = self.unseal(app).ok()?;
        let secret = open.credentials.field(WEBHOOK_SECRET)?;
        Some(HookSecrets::lasting(vec![secret.clone()]))
    }

    /// Has the plugin of an app's provider verify and read a request: for the provider, or for a trigger with its config. Where it
    /// asks for a key that the app's credentials do not have, or for the webhook secret, it gets `secret`. A request that was found
    /// to be genuine at `vouched` is read once more, without its proof.
    ///
    /// # Errors
    ///
    /// Those of [`Host::receive`](jackfield_plugin_host::Host::receive), and when the app cannot be used.
    pub async fn receive(
        &self,
        app: ConnectedApp,
        secret: Option<&Secret>,
        node: Option<(&str, &Map<String, Value>)>,
        request: IncomingRequest<'_>,
        vouched: Option<Timestamp>,
    ) -> Result<Received, CallError> {
        let (workspace, provider) = (app.workspace_id, app.provider.clone());
        let open = self.unseal(app)?;
        let account = Account::Own(UsePurpose::Webhook);
        let services = self
            .lend(workspace, None, Some(open), account)
            .signed_with(secret)
            .vouched(vouched);
        let settings = to_raw_value(&services.settings()).ok();
        let config = node.and_then(|(_, config)| to_raw_value(config).ok());
        let asked = Operation::of_provider(&provider);
        let operation = Operation {
            node: node.map_or("", |(node, _)| node),
            config: config.as_deref().unwrap_or(asked.config),
            credentials: vec![CredentialSlot {
                slot: CredentialSlot::DEFAULT.into(),
                provider: provider.as_str().into(),
                settings: settings.as_deref(),
            }],
            ..asked
        };
        self.host.receive(&operation, request, &services).await
    }
}
