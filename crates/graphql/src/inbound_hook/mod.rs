//! The addresses at which webhooks arrive.

mod create;
mod filter;
mod health;
mod outcome;
mod rejection;
mod replay;
mod request;
mod rotate_secret;
mod rotate_token;
mod update;

use async_graphql::{Context, ID, MergedObject, Object, Result};
use jackfield_storage::inbound_hook;
use jackfield_storage::rejection::TraceFilter;

use crate::connected_app::ConnectedApp;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;
use crate::scalars::{DateTime, Duration, JsonScalar, Url};
use crate::workflow::Workflow;
use filter::{InboundRejectionFilter, InboundRequestFilter};
use health::InboundHookHealth;
pub use rejection::Rejection;
pub use request::{InboundRequest, kept};

/// The mutations of hooks: one field of the schema's mutations, whose type would nest too deeply with each by itself.
#[derive(MergedObject, Default)]
pub struct ChangeInboundHooks(
    create::CreateInboundHook,
    update::UpdateInboundHook,
    rotate_token::RotateInboundHookToken,
    rotate_secret::RotateInboundHookSecret,
    replay::ReplayInboundRequest,
);

/// An address at which webhooks arrive: that of a `webhook` trigger, which keeps it across versions of its workflow, or that of a
/// connected app.
#[derive(Clone)]
pub struct InboundHook(pub inbound_hook::InboundHook);

/// An address at which webhooks arrive: that of a `webhook` trigger, which keeps it across versions of its workflow, or that of a
/// connected app.
#[Object]
impl InboundHook {
    /// The hook's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What to enter at the provider. Whoever knows it can send to it, so treat it like a password unless the trigger checks a signature.
    async fn url(&self, ctx: &Context<'_>) -> Result<Url> {
        let text = ctx.services()?.public_url.hook(&self.0.token);
        text.parse().map(Url).map_err(internal)
    }

    /// The trigger node's key in the definition; null for the hook of a connected app.
    async fn node_key(&self) -> Option<&str> {
        self.0.node_key.as_deref()
    }

    /// Whether requests are taken: the published version has this trigger, or the hook of the connected app is switched on and so
    /// is the app. Otherwise requests are answered with 410.
    async fn active(&self, ctx: &Context<'_>) -> Result<bool> {
        let app = self.connected_app(ctx).await?;
        Ok(self.0.active && app.is_none_or(|app| app.0.active))
    }

    /// How requests are checked and read, without the secret.
    async fn config(&self) -> JsonScalar {
        self.0.config.clone().into()
    }

    /// Whether it has a secret of its own. The secret cannot be read back.
    async fn has_secret(&self) -> bool {
        self.0.sealed_secret.is_some()
    }

    /// Until when the URL before the present one is good as well; null when there is none.
    async fn previous_url_until(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let now = ctx.store()?.clock().now();
        let until = self.0.previous_token_until.filter(|until| *until > now);
        Ok(until.map(DateTime::from))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The workflow that it starts; null for the hook of a connected app.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Option<Workflow>> {
        let Some(id) = self.0.workflow_id else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.workflow.load(id).await?.map(Workflow))
    }

    /// The connected app whose provider sends here; null for the hook of a trigger.
    async fn connected_app(&self, ctx: &Context<'_>) -> Result<Option<ConnectedApp>> {
        let Some(id) = self.0.connected_app_id else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.app.load(id).await?.map(ConnectedApp))
    }

    /// Requests that came lately, newest first: those that brought an event as long as that is kept, and the last 50 that were
    /// refused and that were repeats.
    async fn requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which requests are wanted; all when it is not given.")] filter: Option<
            InboundRequestFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<InboundRequest>> {
        let page = page((first, after), (last, before), order)?;
        let filter = TraceFilter::from(filter.unwrap_or_default());
        let of = (self.0.id, filter);
        ctx.loaders()?.requests.page(of, page).await
    }

    /// What became of the requests since some time ago, to the minute, and a few seconds late.
    async fn health(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long ago to begin, from PT1M to P7D; PT24H by default.")]
        window: Option<Duration>,
    ) -> Result<InboundHookHealth> {
        InboundHookHealth::load(ctx, self.0.id, window).await
    }

    /// When the last request came that is still kept; null when there is none.
    async fn last_received_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let last = ctx.loaders()?.received_last.load(self.0.id).await?;
        Ok(last.flatten().map(DateTime::from))
    }

    /// Requests that were turned away lately, newest first. The last 50 are kept.
    async fn rejections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them are wanted; all when it is not given.")] filter: Option<
            InboundRejectionFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Rejection>> {
        let filter = TraceFilter::from(filter.unwrap_or_default());
        let of = (self.0.id, filter);
        let page = page((first, after), (last, before), order)?;
        ctx.loaders()?.rejections.page(of, page).await
    }
}
