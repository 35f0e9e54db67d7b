use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Column, Entity, EventTypeVersion};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::EventTypeId,
};

/// All versions of these types, by type and then newest first.
pub async fn of_types<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    types: &[EventTypeId],
) -> Result<Vec<EventTypeVersion>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::EventTypeId.is_in(types.iter().copied()))
        .order_by_asc(Column::EventTypeId)
        .order_by_desc(Column::Number)
        .all(db)
        .await?)
}
