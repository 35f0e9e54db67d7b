//! Replays: events of the past, sent to an endpoint again.

mod set;
mod start;
mod status;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::replay;

use crate::context::ContextExt;
use crate::errors::internal;
use crate::scalars::DateTime;
use crate::webhook_endpoint::WebhookEndpoint;
pub use set::{CancelReplay, PauseReplay, ResumeReplay};
pub use start::ReplayEvents;
use status::ReplayScope;
pub use status::ReplayStatus;

/// Events of the past on their way to a webhook endpoint.
#[derive(Clone)]
pub struct Replay(pub replay::Replay);

impl From<replay::Replay> for Replay {
    fn from(row: replay::Replay) -> Self {
        Self(row)
    }
}

/// Events of the past on their way to a webhook endpoint.
#[Object]
impl Replay {
    /// The replay's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// How far it is.
    async fn status(&self) -> ReplayStatus {
        self.0.status.into()
    }

    /// Where the events go.
    async fn endpoint(&self, ctx: &Context<'_>) -> Result<WebhookEndpoint> {
        let found = ctx.loaders()?.endpoint.load(self.0.endpoint_id).await?;
        found
            .map(WebhookEndpoint)
            .ok_or_else(|| internal("a replay has no endpoint"))
    }

    /// Which of the events that match are sent.
    async fn scope(&self) -> ReplayScope {
        self.0.scope.into()
    }

    /// Only events of these types; all when it is empty.
    async fn event_types(&self) -> Vec<String> {
        self.0.types()
    }

    /// Only events that happened at or after this instant.
    async fn since(&self) -> Option<DateTime> {
        self.0.since.map(DateTime)
    }

    /// Only events that happened before this instant.
    async fn until(&self) -> Option<DateTime> {
        self.0.until.map(DateTime)
    }

    /// How many events match.
    async fn total(&self) -> i64 {
        self.0.total
    }

    /// How many of them it has come past.
    async fn done(&self) -> i64 {
        self.0.looked_at
    }

    /// How many of them it has sent on their way; the others had arrived already.
    async fn sent(&self) -> i64 {
        self.0.sent
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When its last event was sent on its way, or it was ended; null until then.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }
}
