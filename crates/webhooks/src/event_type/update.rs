use jackfield_storage::Json;
use jackfield_storage::access::{ManageEventTypes, Permit};
use jackfield_storage::event_type::EventType;
use jackfield_storage::ids::EventTypeId;

use super::create::texts;
use super::{EventTypeError, EventTypes, example};

/// What is to change of a type; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateEventType {
    /// What it is about.
    pub category: Option<String>,
    /// When such an event happens.
    pub description: Option<String>,
    /// The JSON Schema of the data; `Some(None)` takes it away.
    pub schema: Option<Option<Json>>,
    /// What the data looks like; `Some(None)` takes it away.
    pub example: Option<Option<Json>>,
}

impl EventTypes {
    /// Changes a type. Another schema makes a new version; the example must match it.
    ///
    /// # Errors
    ///
    /// When something about it cannot be used, or there is no such type.
    pub async fn update(
        &self,
        permit: &Permit<ManageEventTypes>,
        id: EventTypeId,
        update: UpdateEventType,
    ) -> Result<EventType, EventTypeError> {
        self.change(permit, id, |row, _| {
            let mut problems = texts(update.category.as_deref(), update.description.as_deref());
            let checked = update.schema.is_some() || update.example.is_some();
            row.category = update.category.unwrap_or_else(|| row.category.clone());
            row.description = update
                .description
                .unwrap_or_else(|| row.description.clone());
            row.schema = update.schema.unwrap_or_else(|| row.schema.clone());
            row.example = update.example.unwrap_or_else(|| row.example.clone());
            if checked {
                problems.extend(example::check(row.schema.as_ref(), row.example.as_ref()));
            }
            if problems.is_empty() {
                Ok(())
            } else {
                Err(problems)
            }
        })
        .await
    }
}
