//! Webhook endpoints: the addresses of others, to which events are sent.

mod authentication;
mod create;
mod delete;
mod find;
mod health;
mod input;
mod kinds;
mod list;
mod outcome;
mod rotate;
mod send_test;
mod update;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::{delivery, replay, webhook_endpoint};
use jiff::SignedDuration;

use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::delivery::{Delivery, DeliveryStatus};
use crate::errors::internal;
use crate::replay::{Replay, ReplayStatus};
use crate::scalars::{DateTime, Duration, JsonScalar};
use authentication::EndpointAuthentication;
pub use create::CreateWebhookEndpoint;
pub use delete::DeleteWebhookEndpoint;
pub use find::FindWebhookEndpoint;
use health::EndpointHealth;
use kinds::{DeliveryOrdering, SignatureAlgorithm, SignatureHeaders};
pub use list::ListWebhookEndpoints;
pub use outcome::{outcome, unknown_endpoint};
pub use rotate::RotateWebhookSecret;
pub use send_test::SendTestEvent;
pub use update::UpdateWebhookEndpoint;

/// An address to which the events that it asks for are sent, signed.
#[derive(Clone)]
pub struct WebhookEndpoint(pub webhook_endpoint::WebhookEndpoint);

impl From<webhook_endpoint::WebhookEndpoint> for WebhookEndpoint {
    fn from(row: webhook_endpoint::WebhookEndpoint) -> Self {
        Self(row)
    }
}

/// An address to which the events that it asks for are sent, signed.
#[Object]
impl WebhookEndpoint {
    /// The endpoint's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where events go: an address to which they are posted, or a subject of a NATS server.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// The types that it gets, or what types begin with, followed by `*`; every type when it is empty.
    async fn event_types(&self) -> Vec<String> {
        self.0.types()
    }

    /// Only events that share one of these are sent to it, in alphabetical order; when it is empty, events of every channel and
    /// of none.
    async fn channels(&self) -> &[String] {
        self.0.channels.names()
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Whether events are sent to it.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Why the server has made it inactive; null when it is active, or when a person did it.
    async fn disabled_reason(&self) -> Option<&str> {
        self.0.disabled_reason.as_deref()
    }

    /// Since when there was nothing but failures; null while things arrive.
    async fn failing_since(&self) -> Option<DateTime> {
        self.0.failing_since.map(DateTime)
    }

    /// How what is sent is signed.
    async fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm.into()
    }

    /// What the headers of the signature are called.
    async fn signature_headers(&self) -> SignatureHeaders {
        self.0.header_style.into()
    }

    /// The names of the headers that are sent besides. Their values are not shown.
    async fn custom_headers(&self) -> Vec<String> {
        self.0.header_names()
    }

    /// How the server proves itself to it, besides by its signature; null for by nothing else.
    async fn authentication(&self) -> Result<Option<EndpointAuthentication>> {
        let stored = self.0.authentication().map_err(internal)?;
        Ok(stored.map(Into::into))
    }

    /// How many requests a second it gets at most; null for no limit.
    async fn rate_limit(&self) -> Option<i32> {
        self.0.rate_limit
    }

    /// How long it may take to answer.
    async fn timeout(&self) -> Duration {
        Duration(SignedDuration::from_millis(self.0.timeout_ms))
    }

    /// In which order it gets its events.
    async fn ordering(&self) -> DeliveryOrdering {
        self.0.ordering.into()
    }

    /// With a strict order: the path in the data at which the key is found, such as `customer.id`. The order then holds among
    /// events with the same key.
    async fn ordering_key(&self) -> Option<&str> {
        self.0.ordering_path.as_deref()
    }

    /// Only events for which this expression is true are sent; null when all are.
    async fn filter(&self) -> Option<&str> {
        self.0.filter.as_deref()
    }

    /// What is sent in place of `{type, timestamp, data}`; null for the usual body.
    async fn transformation(&self) -> Option<JsonScalar> {
        self.0.transformation.clone().map(JsonScalar)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// How well it does.
    async fn health(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Over how long back from now: PT5M to P31D; a day by default. It is counted in stretches of five minutes."
        )]
        window: Option<Duration>,
    ) -> Result<EndpointHealth> {
        EndpointHealth::load(ctx, self.0.id, window).await
    }

    /// What was sent to it, the last first.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that are this far.")] status: Option<DeliveryStatus>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Delivery>> {
        let filter = delivery::DeliveryFilter {
            endpoint_id: Some(self.0.id),
            status: status.map(Into::into),
        };
        let page = page((first, after), (last, before), order)?;
        ctx.loaders()?.deliveries.page(filter, page).await
    }

    /// The events of the past that it was to get again, the last replay first.
    async fn replays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that are this far.")] status: Option<ReplayStatus>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Replay>> {
        let of = replay::ReplayFilter {
            endpoint: self.0.id,
            status: status.map(Into::into),
        };
        let page = page((first, after), (last, before), order)?;
        ctx.loaders()?.replays.page(of, page).await
    }
}
