use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{Column, DeliveryAttempt, Entity};
use crate::{
    StorageError,
    access::{Permit, Read},
    columns::Without,
    ids::{DeliveryAttemptId, DeliveryId},
    reader::ReadRows,
};

/// One attempt.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: DeliveryAttemptId,
) -> Result<Option<DeliveryAttempt>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// The attempts at these deliveries, in the order in which they were made.
pub async fn of_deliveries<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    deliveries: &[DeliveryId],
) -> Result<Vec<DeliveryAttempt>, StorageError> {
    of_deliveries_without(db, permit, deliveries, &[]).await
}

/// The same, with null in the place of these columns.
pub async fn of_deliveries_without<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    deliveries: &[DeliveryId],
    columns: &[Column],
) -> Result<Vec<DeliveryAttempt>, StorageError> {
    let attempts = scoped(permit)
        .without(columns)
        .filter(Column::DeliveryId.is_in(deliveries.iter().copied()))
        .order_by_asc(Column::Position);
    Ok(db.rows(attempts).await?)
}

/// Where the attempts after a log position stand, and at what they were made.
pub(crate) async fn positions_after<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    position: i64,
    limit: u64,
) -> Result<Vec<(i64, DeliveryId)>, StorageError> {
    Ok(scoped(permit)
        .select_only()
        .columns([Column::Position, Column::DeliveryId])
        .filter(Column::Position.gt(position))
        .order_by_asc(Column::Position)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// Where the last attempts at these deliveries stand.
pub(crate) async fn last_positions<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    deliveries: &[DeliveryId],
) -> Result<HashMap<DeliveryId, i64>, StorageError> {
    let found: Vec<(DeliveryId, i64)> = scoped(permit)
        .select_only()
        .column(Column::DeliveryId)
        .column_as(Column::Position.max(), "last")
        .filter(Column::DeliveryId.is_in(deliveries.iter().copied()))
        .group_by(Column::DeliveryId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
