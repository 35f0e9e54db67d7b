use std::sync::Arc;

use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel};

use super::{Entity, SchemaMismatch, UnknownEventTypes, Workspace, find};
use crate::{
    Change, StorageError, Store,
    access::{ManageWorkspace, Permit},
};

/// What may be set on a workspace; what is absent stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// What happens to data that does not match its type's schema.
    pub schema_mismatch: Option<SchemaMismatch>,
    /// What happens to events of types that are not in the catalogue.
    pub unknown_event_types: Option<UnknownEventTypes>,
    /// How many days an event is kept; none inside for as long as the server has it.
    pub keep_events_days: Option<Option<i32>>,
    /// How many days a delivery is kept with its attempts; none inside for as long as an event.
    pub keep_deliveries_days: Option<Option<i32>>,
}

/// Changes the rules of the permit's workspace.
pub async fn update(
    store: &Store,
    permit: &Permit<ManageWorkspace>,
    rules: Rules,
) -> Result<Workspace, StorageError> {
    let read = permit.read();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let found = find(call.db(), &read).await?;
                let before =
                    found.ok_or_else(|| DbErr::RecordNotFound(format!("{}", read.workspace())))?;
                let mut row = before.clone();
                row.schema_mismatch = rules.schema_mismatch.unwrap_or(row.schema_mismatch);
                row.unknown_event_types =
                    rules.unknown_event_types.unwrap_or(row.unknown_event_types);
                row.keep_events_days = rules.keep_events_days.unwrap_or(row.keep_events_days);
                row.keep_deliveries_days = rules
                    .keep_deliveries_days
                    .unwrap_or(row.keep_deliveries_days);
                row.revision = call.next_position();
                Entity::update(row.clone().into_active_model().reset_all())
                    .exec(call.db())
                    .await?;
                call.publish(Change::Workspace(Arc::new(row.clone())));
                call.updated(&before, &row);
                Ok(row)
            })
        })
        .await
}
