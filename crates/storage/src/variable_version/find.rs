use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Column, Entity, VariableVersion};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::VariableId,
};

/// The values of these variables that are kept, by variable and then newest first.
pub async fn of_variables<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    variables: &[VariableId],
) -> Result<Vec<VariableVersion>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::VariableId.is_in(variables.iter().copied()))
        .order_by_asc(Column::VariableId)
        .order_by_desc(Column::Number)
        .all(db)
        .await?)
}
