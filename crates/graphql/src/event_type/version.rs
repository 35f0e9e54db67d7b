use async_graphql::Object;
use jackfield_storage::event_type_version;

use crate::scalars::{DateTime, JsonScalar};

/// A schema that a type of events has, or once had.
#[derive(Clone)]
pub struct EventTypeVersion(pub event_type_version::EventTypeVersion);

/// A schema that a type of events has, or once had.
#[Object]
impl EventTypeVersion {
    /// 1 for the first, then counted up.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// The JSON Schema of the data; null when anything went.
    async fn schema(&self) -> Option<JsonScalar> {
        self.0.schema.clone().map(JsonScalar)
    }

    /// From when on it held.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}
