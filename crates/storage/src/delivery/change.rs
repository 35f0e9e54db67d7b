//! Changes that somebody asks for.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::{Column, Delivery, DeliveryStatus, Entity};
use crate::{Call, Change, StorageError, ids::WebhookEndpointId, writer};

/// Has a delivery that nobody is sending sent now, and as often as a new one when it does not arrive. With `manual`, somebody
/// asked for this very delivery.
pub async fn send_again(
    call: &Call,
    mut row: Delivery,
    manual: bool,
) -> Result<Delivery, StorageError> {
    if row.status != DeliveryStatus::Pending {
        row.begun = row.attempts;
    }
    row.status = DeliveryStatus::Pending;
    row.due_at = Some(call.now());
    row.slot = None;
    row.lease_owner = None;
    row.fence += 1;
    row.manual = manual;
    row.finished_at = None;
    let position = call.next_position();
    row.touched = Some(position);
    let update = row.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    call.publish(Change::Delivery(position, Arc::new(row.clone())));
    Ok(row)
}

/// Cancels deliveries to an endpoint that nobody is sending right now, `limit` at most. Returns how many.
pub async fn cancel_waiting(
    call: &Call,
    endpoint: WebhookEndpointId,
    limit: u64,
) -> Result<u64, StorageError> {
    let waiting = Condition::any()
        .add(Column::DueAt.is_not_null())
        .add(Column::Queue.is_not_null());
    let mut rows = Entity::find()
        .filter(Column::EndpointId.eq(endpoint))
        .filter(Column::Status.eq(DeliveryStatus::Pending))
        .filter(Column::LeaseOwner.is_null())
        .filter(waiting)
        .order_by_asc(Column::Position)
        .limit(limit)
        .all(call.db())
        .await?;
    for row in &mut rows {
        row.fence += 1;
        row.finish(DeliveryStatus::Cancelled, call.now());
        row.touched = Some(call.next_position());
    }
    writer::move_on(call, &rows).await?;
    let count = rows.len() as u64;
    for row in rows {
        let position = row.touched.unwrap_or_default();
        call.publish(Change::Delivery(position, Arc::new(row)));
    }
    Ok(count)
}

/// How many deliveries wait for an endpoint, counted up to `most`.
pub async fn waiting<C: sea_orm::ConnectionTrait>(
    db: &C,
    endpoint: WebhookEndpointId,
    most: u64,
) -> Result<u64, StorageError> {
    let rows: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(Column::EndpointId.eq(endpoint))
        .filter(
            Condition::any()
                .add(Column::DueAt.is_not_null())
                .add(Column::Queue.is_not_null()),
        )
        .limit(most)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.len() as u64)
}
