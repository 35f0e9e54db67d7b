//! Connected apps: credentials for providers.

mod check;
mod connect;
mod disconnect;
mod find;
mod health;
mod list;
mod outcome;
mod rate_limit;
mod set_active;
mod set_default;
mod start_oauth;
mod update;
mod usage;

use async_graphql::{Context, Enum, ID, Object, Result};
use jackfield_connected_apps as apps;
use jackfield_storage::connected_app;
use jackfield_storage::credential_use::UseFilter;

use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::credential_use::{CredentialUse, page_of};
use crate::inbound_hook::InboundHook;
use crate::resource::Resource;
use crate::scalars::{DateTime, JsonScalar};
pub use check::CheckConnectedApp;
pub use connect::ConnectApp;
pub use disconnect::DisconnectApp;
pub use find::FindConnectedApp;
use health::HealthCheck;
pub use list::ListConnectedApps;
pub use outcome::unknown_app;
pub use rate_limit::{RateLimit, RateLimitInput};
pub use set_active::SetConnectedAppActive;
pub use set_default::SetDefaultConnectedApp;
pub use start_oauth::StartOAuth;
pub use update::UpdateConnectedApp;
pub use usage::WorkflowUse;

/// Credentials for a provider, and how to use them. The credentials themselves can be written but never read.
#[derive(Clone)]
pub struct ConnectedApp(pub connected_app::ConnectedApp);

impl From<connected_app::ConnectedApp> for ConnectedApp {
    fn from(row: connected_app::ConnectedApp) -> Self {
        Self(row)
    }
}

/// Whether steps can use a connected app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "connected_app::AppStatus")]
pub enum ConnectedAppStatus {
    /// It has credentials, and steps may use them.
    Connected,
    /// The provider could not be asked when the app was checked last. Steps use the credentials nevertheless.
    Error,
    /// The provider does not take the credentials any more. Steps that use them are likely to fail.
    NeedsReauth,
    /// It was switched off; steps that need it fail.
    Inactive,
}

/// Credentials for a provider, and how to use them. The credentials themselves can be written but never read.
#[Object]
impl ConnectedApp {
    /// The connected app's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The provider's name, such as `stripe`.
    async fn provider(&self) -> &str {
        &self.0.provider
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether steps can use it.
    async fn status(&self) -> ConnectedAppStatus {
        self.0.status().into()
    }

    /// Whether steps use it that need an app of its provider and name none. Exactly one app of each provider is.
    async fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// When the provider was asked last whether it takes the credentials, and what it said; null when it never was, such as for a
    /// provider that has no test.
    async fn last_health_check(&self) -> Option<HealthCheck> {
        HealthCheck::of(&self.0)
    }

    /// Whether steps may use it.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// The last characters of the credentials, by which their owner recognises them.
    async fn masked_credential(&self) -> &str {
        &self.0.masked
    }

    /// What is not secret, such as `origins`.
    async fn settings(&self) -> JsonScalar {
        self.0.settings.clone().into()
    }

    /// How many requests may be made with the credentials; null for any number.
    async fn rate_limit(&self) -> Option<RateLimit> {
        apps::RateLimit::of(&self.0).map(RateLimit::from)
    }

    /// What the account has and nodes refer to, oldest first.
    async fn resources(&self, ctx: &Context<'_>) -> Result<Vec<Resource>> {
        let found = ctx.loaders()?.resources_of_app.load(self.0.id).await?;
        let found = found.unwrap_or_default();
        Ok(found.into_iter().map(Resource).collect())
    }

    /// The drafts and published versions of workflows that use it, by name or because it is the default.
    async fn used_by(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowUse>> {
        let found = ctx.loaders()?.app_uses.load(self.0.id).await?;
        let found = found.unwrap_or_default();
        Ok(found.into_iter().map(WorkflowUse).collect())
    }

    /// What its credentials were used for, newest first; null for those who may not read the audit log.
    async fn uses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Option<Connection<CredentialUse>>> {
        let filter = UseFilter {
            app: Some(self.0.id),
            ..UseFilter::default()
        };
        let page = page((first, after), (last, before), order)?;
        page_of(ctx, filter, page).await.map(Some)
    }

    /// The address at which its provider's webhooks arrive; null when its provider sends none and nobody has made one.
    async fn inbound_hook(&self, ctx: &Context<'_>) -> Result<Option<InboundHook>> {
        let found = ctx.loaders()?.app_hook.load(self.0.id).await?;
        Ok(found.map(InboundHook))
    }

    /// When it was connected.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
