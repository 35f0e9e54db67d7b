use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Column, Entity, Signal};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::RunId,
};

/// The messages of a run that were not acted on yet, the oldest first.
pub async fn of_run<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    run: RunId,
) -> Result<Vec<Signal>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::RunId.eq(run))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}
