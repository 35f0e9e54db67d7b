//! Providers: whose credentials connected apps hold.

mod list;

use std::sync::Arc;

use async_graphql::{ID, Object, SimpleObject};
use jackfield_plugin_host as host;
use jackfield_storage::Json;

use crate::plugin::Plugin;
use crate::scalars::JsonScalar;
pub use list::ListProviders;

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
