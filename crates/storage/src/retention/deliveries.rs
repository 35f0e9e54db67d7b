use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Ages, BATCH};
use crate::{
    Call, StorageError, Timestamp,
    delivery::{Column, DeliveryStatus, Entity},
    delivery_attempt,
    ids::DeliveryId,
};

/// Deletes a batch of a workspace's deliveries that are over and too old, with their attempts.
pub(super) async fn sweep(call: &Call, ages: &Ages) -> Result<u64, StorageError> {
    let Some(age) = ages.deliveries else {
        return Ok(0);
    };
    let end = call.now().before(age);
    // In the order of the log, which is that of time.
    let oldest: Vec<(DeliveryId, Timestamp)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::CreatedAt])
        .filter(Column::WorkspaceId.eq(ages.workspace))
        .filter(Column::Status.ne(DeliveryStatus::Pending))
        .order_by_asc(Column::Position)
        .limit(BATCH)
        .into_tuple()
        .all(call.db())
        .await?;
    let old = oldest.iter().filter(|(_, created_at)| *created_at < end);
    let ids: Vec<DeliveryId> = old.map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    delivery_attempt::Entity::delete_many()
        .filter(delivery_attempt::Column::DeliveryId.is_in(ids.iter().copied()))
        .exec(call.db())
        .await?;
    let deleted = Entity::delete_many()
        .filter(Column::Id.is_in(ids))
        .exec(call.db())
        .await?;
    Ok(deleted.rows_affected)
}
