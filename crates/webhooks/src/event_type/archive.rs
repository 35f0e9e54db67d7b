use jackfield_storage::access::{ManageEventTypes, Permit};
use jackfield_storage::event_type::EventType;
use jackfield_storage::ids::EventTypeId;

use super::{EventTypeError, EventTypes};

impl EventTypes {
    /// Takes a type out of what is offered, or puts it back. Events that were published stay; new ones count as unknown
    /// while the type is archived.
    ///
    /// # Errors
    ///
    /// When there is no such type.
    pub async fn set_archived(
        &self,
        permit: &Permit<ManageEventTypes>,
        id: EventTypeId,
        archived: bool,
    ) -> Result<EventType, EventTypeError> {
        self.change(permit, id, move |row, call| {
            row.archived_at = archived.then(|| row.archived_at.unwrap_or(call.now()));
            Ok(())
        })
        .await
    }
}
