//! The catalogue of the types of events.

mod archive;
mod create;
mod import;
mod list;
mod outcome;
mod update;
mod version;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::event_type;

use crate::context::ContextExt;
use crate::scalars::{DateTime, JsonScalar};
pub use archive::{ArchiveEventType, UnarchiveEventType};
pub use create::CreateEventType;
pub use import::ImportEventTypes;
pub use list::ListEventTypes;
pub use update::UpdateEventType;
use version::EventTypeVersion;

/// A type of events that the workspace publishes.
#[derive(Clone)]
pub struct EventType(pub event_type::EventType);

/// A type of events that the workspace publishes.
#[Object]
impl EventType {
    /// The type's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What events carry as their `type`, such as `booking.created`; unique in the workspace and never changed.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is about, such as `BOOKING`.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// When such an event happens.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The number of the present schema: 1 for the first, then counted up.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The JSON Schema of the data; null when anything goes.
    async fn schema(&self) -> Option<JsonScalar> {
        self.0.schema.clone().map(JsonScalar)
    }

    /// What the data looks like.
    async fn example(&self) -> Option<JsonScalar> {
        self.0.example.clone().map(JsonScalar)
    }

    /// Whether it is not offered any more.
    async fn archived(&self) -> bool {
        self.0.archived_at.is_some()
    }

    /// Since when it is not offered any more; null while it is.
    async fn archived_at(&self) -> Option<DateTime> {
        self.0.archived_at.map(DateTime)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// The schemas that it has had, newest first.
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<EventTypeVersion>> {
        let found = ctx.loaders()?.event_type_versions.load(self.0.id).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(EventTypeVersion)
            .collect())
    }
}
