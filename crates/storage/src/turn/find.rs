use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Column, Entity, StepTurn};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::StepId,
};

/// The turns of a step, in order.
pub async fn of_step<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    step: StepId,
) -> Result<Vec<StepTurn>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::StepId.eq(step))
        .order_by_asc(Column::Number)
        .all(db)
        .await?)
}
