//! Providers: whose credentials connected apps hold.

mod list;
mod resource_type;
mod webhook;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use jackfield_plugin_host as host;
use jackfield_storage::{Json, inbound_hook::Scheme};

use crate::connected_app::ConnectedApp;
use crate::context::ContextExt;
use crate::plugin::Plugin;
use crate::scalars::JsonScalar;
pub use list::ListProviders;
use resource_type::ResourceType;
use webhook::ProviderWebhook;

/// What a provider's id begins with, to tell it from the ids of rows.
pub const PREFIX: &str = "provider_";

/// Somebody whose API needs credentials.
#[derive(Clone)]
pub struct Provider(pub Arc<host::Provider>);

/// Somebody whose API needs credentials.
#[Object]
impl Provider {
    /// The provider's id.
    pub async fn id(&self) -> ID {
        format!("{PREFIX}{}", self.0.manifest.name).into()
    }

    /// What `connectApp` calls it, such as `stripe`.
    async fn name(&self) -> &str {
        &self.0.manifest.name
    }

    /// What people call it.
    async fn title(&self) -> &str {
        &self.0.manifest.title
    }

    /// What it is, in a sentence or two.
    async fn description(&self) -> &str {
        &self.0.manifest.description
    }

    /// The hosts that its credentials may be sent to; `*` stands for any.
    async fn hosts(&self) -> &[String] {
        &self.0.manifest.hosts
    }

    /// The ways to authenticate, of which a connected app uses one.
    async fn schemes(&self) -> Vec<AuthenticationScheme> {
        let scheme = |scheme: &host::messages::SchemeManifest| AuthenticationScheme {
            name: scheme.scheme.clone(),
            title: scheme.title.clone(),
            schema: JsonScalar(Json::from(scheme.schema.clone())),
        };
        self.0.manifest.schemes.iter().map(scheme).collect()
    }

    /// Its icon, the text of an SVG; null when it has none.
    async fn icon(&self) -> Option<&str> {
        self.0.manifest.icon.as_deref()
    }

    /// Whether it can be asked if it takes credentials: before they are stored, and from time to time.
    async fn credential_test(&self) -> bool {
        self.0.manifest.credential_test
    }

    /// What an account has and nodes refer to, such as phone numbers.
    async fn resource_types(&self) -> Vec<ResourceType> {
        let kinds = self.0.manifest.resources.iter();
        kinds.map(ResourceType::of).collect()
    }

    /// What it sends on its own; null when its plugin receives nothing.
    async fn webhook(&self) -> Option<ProviderWebhook> {
        self.0.manifest.webhook.as_ref().map(ProviderWebhook::of)
    }

    /// How the hooks of its connected apps check what arrives: the `scheme` of a hook's config, `plugin` where its own plugin does.
    /// Null when apps of this provider have no hook unless one is made for them.
    async fn hook_scheme(&self, ctx: &Context<'_>) -> Result<Option<&'static str>> {
        let scheme = ctx.services()?.apps.hook_scheme(&self.0.manifest.name);
        Ok(scheme.map(Scheme::as_str))
    }

    /// What is connected, oldest first.
    async fn connected_apps(&self, ctx: &Context<'_>) -> Result<Vec<ConnectedApp>> {
        let loaders = ctx.loaders()?;
        let found = loaders.apps_of_provider.load(self.0.manifest.name.clone());
        let found = found.await?.unwrap_or_default();
        Ok(found.into_iter().map(ConnectedApp).collect())
    }

    /// The plugin that brings it.
    async fn plugin(&self) -> Plugin {
        Plugin(self.0.plugin.clone())
    }
}

/// A way to authenticate at a provider.
#[derive(SimpleObject)]
struct AuthenticationScheme {
    /// The value of `scheme` in the credentials.
    name: String,
    /// What people call it.
    title: String,
    /// The JSON Schema (2020-12) of the credentials without `scheme`; secrets have `writeOnly`.
    schema: JsonScalar,
}
