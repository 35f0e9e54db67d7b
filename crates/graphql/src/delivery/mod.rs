//! Deliveries: one event on its way to one endpoint, with what was tried.

mod attempt;
mod find;
mod follow;
mod list;
mod resend;
mod status;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::delivery;

use crate::context::ContextExt;
use crate::errors::internal;
use crate::event::Event;
use crate::objects::Objects;
use crate::scalars::DateTime;
use crate::webhook_endpoint::WebhookEndpoint;
pub use attempt::DeliveryAttempt;
pub use find::FindDelivery;
pub use follow::FollowDeliveries;
pub use list::ListDeliveries;
pub use resend::ResendDelivery;
pub use status::DeliveryStatus;

/// One event on its way to one webhook endpoint.
#[derive(Clone)]
pub struct Delivery(pub delivery::Delivery);

impl From<delivery::Delivery> for Delivery {
    fn from(row: delivery::Delivery) -> Self {
        Self(row)
    }
}

/// One event on its way to one webhook endpoint.
#[Object]
impl Delivery {
    /// The delivery's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// How far it is.
    async fn status(&self) -> DeliveryStatus {
        self.0.status.into()
    }

    /// What is sent; null when it is not kept any more.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        Ok(ctx.loaders()?.event.load(self.0.event_id).await?.map(Event))
    }

    /// Where it goes, also when that was deleted since.
    async fn endpoint(&self, ctx: &Context<'_>) -> Result<WebhookEndpoint> {
        let found = ctx.loaders()?.endpoint.load(self.0.endpoint_id).await?;
        found
            .map(WebhookEndpoint)
            .ok_or_else(|| internal("a delivery has no endpoint"))
    }

    /// What was tried, in the order in which it was tried.
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Objects<DeliveryAttempt>> {
        let found = ctx.loaders()?.attempts.load(self.0.id).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(DeliveryAttempt)
            .collect())
    }

    /// How often it was tried.
    async fn attempt_count(&self) -> i32 {
        self.0.attempts
    }

    /// When it is tried next; null when it is over, being sent, or waits for its turn in a strict order.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        let waits = self.0.lease_owner.is_none();
        // What is due at once stands there as due since ever.
        let due = self.0.due_at.filter(|_| waits);
        due.map(|due| due.max(self.0.created_at).into())
    }

    /// When it came into being.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it had arrived or was given up; null until then.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }
}
