//! What the verbs that store a type share.

use std::sync::Arc;

use jackfield_storage::access::{ManageEventTypes, Permit};
use jackfield_storage::event_type::{self, EventType};
use jackfield_storage::event_type_version::{self, EventTypeVersion};
use jackfield_storage::ids::EventTypeId;
use jackfield_storage::{Call, Change, Problem, StorageError};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{EventTypeError, EventTypes};

/// Writes new types with their first versions.
pub(super) async fn insert(
    call: &Call,
    mut rows: Vec<EventType>,
) -> Result<Vec<EventType>, StorageError> {
    if rows.is_empty() {
        return Ok(rows);
    }
    for row in &mut rows {
        row.created_at = call.now();
        row.updated_at = call.now();
        row.revision = call.next_position();
    }
    let types = rows.iter().map(|row| row.clone().into_active_model());
    event_type::Entity::insert_many(types)
        .exec_without_returning(call.db())
        .await?;
    let versions = rows.iter().map(|row| version(row).into_active_model());
    event_type_version::Entity::insert_many(versions)
        .exec_without_returning(call.db())
        .await?;
    for row in &rows {
        call.created(row);
        call.publish(Change::EventType(Arc::new(row.clone())));
    }
    Ok(rows)
}

fn version(row: &EventType) -> EventTypeVersion {
    EventTypeVersion {
        event_type_id: row.id,
        number: row.version,
        workspace_id: row.workspace_id,
        schema: row.schema.clone(),
        created_at: row.updated_at,
    }
}

impl EventTypes {
    /// Reads the row, changes it and writes it back in one transaction, with a new version when the schema is another one.
    pub(super) async fn change<F>(
        &self,
        permit: &Permit<ManageEventTypes>,
        id: EventTypeId,
        change: F,
    ) -> Result<EventType, EventTypeError>
    where
        F: FnOnce(&mut EventType, &Call) -> Result<(), Vec<Problem>> + Send + 'static,
    {
        let read = permit.read();
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = event_type::find(call.db(), &read, id).await?;
                    let before = found.ok_or(EventTypeError::NotFound)?;
                    let mut row = before.clone();
                    change(&mut row, call).map_err(EventTypeError::Rejected)?;
                    if row == before {
                        return Ok(row);
                    }
                    row.updated_at = call.now();
                    row.revision = call.next_position();
                    if row.schema != before.schema {
                        row.version += 1;
                        let insert = version(&row).into_active_model().insert(call.db());
                        insert.await.map_err(StorageError::from)?;
                    }
                    let update = row.clone().into_active_model().reset_all();
                    update.update(call.db()).await.map_err(StorageError::from)?;
                    call.publish(Change::EventType(Arc::new(row.clone())));
                    call.updated(&before, &row);
                    Ok(row)
                })
            })
            .await
    }
}
