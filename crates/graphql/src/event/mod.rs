//! The event log.

mod find;
mod follow;
mod list;
mod publish;
mod publish_many;
mod warning;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::event;

use crate::context::ContextExt;
use crate::delivery::Delivery;
use crate::inbound_hook::InboundHook;
use crate::objects::Objects;
use crate::scalars::{DateTime, JsonScalar};
pub use find::FindEvent;
pub use follow::{FollowEvents, position};
pub use list::ListEvents;
pub use publish::PublishEvent;
pub use publish_many::PublishManyEvents;

/// Something that happened. Events are never changed.
#[derive(Clone)]
pub struct Event(pub event::Event);

impl From<event::Event> for Event {
    fn from(row: event::Event) -> Self {
        Self(row)
    }
}

/// Something that happened. Events are never changed.
#[Object]
impl Event {
    /// The event's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What happened, such as `payment_intent.succeeded`.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// Who said so: a provider, such as `stripe`, or `api`.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// What its source said about it.
    async fn data(&self) -> JsonScalar {
        self.0.data.clone().into()
    }

    /// The media type of a payload that is not JSON, which `data` has as a string, or as `{"base64": …}` when it is no text;
    /// null for one that is JSON.
    async fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_deref()
    }

    /// For whom it is, among the endpoints that name channels, in alphabetical order.
    async fn channels(&self) -> &[String] {
        self.0.channels.names()
    }

    /// The event that was run again as this one; null for one that came by itself.
    async fn replay_of(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        match crate::inbound_hook::kept(&self.0).and_then(|kept| kept.replay_of) {
            Some(earlier) => Ok(ctx.loaders()?.event.load(earlier).await?.map(Event)),
            None => Ok(None),
        }
    }

    /// When it happened, as its source says.
    async fn occurred_at(&self) -> DateTime {
        self.0.occurred_at.into()
    }

    /// When it was stored.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Where it goes: its deliveries to the endpoints that asked for it when it was stored; 100 at most.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Objects<Delivery>> {
        let (id, position) = (self.0.id, self.0.position);
        let found = ctx
            .loaders()?
            .deliveries_of_event
            .load((id, position))
            .await?;
        let found = found.unwrap_or_default();
        Ok(found.into_iter().map(Delivery).collect())
    }

    /// The address at which it arrived; null when it did not come as a webhook.
    async fn inbound_hook(&self, ctx: &Context<'_>) -> Result<Option<InboundHook>> {
        let Some(hook) = self.0.hook_id else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.hook.load(hook).await?.map(InboundHook))
    }
}
