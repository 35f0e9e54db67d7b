use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
};

use super::{Column, Entity, Variable};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::VariableId,
};

/// One variable.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: VariableId,
) -> Result<Option<Variable>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[VariableId],
) -> Result<Vec<Variable>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The variable of that name.
pub async fn find_named<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    name: &str,
) -> Result<Option<Variable>, StorageError> {
    Ok(scoped(permit).filter(Column::Name.eq(name)).one(db).await?)
}

/// All of the workspace's variables, by name.
pub async fn all<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
) -> Result<Vec<Variable>, StorageError> {
    Ok(scoped(permit).order_by_asc(Column::Name).all(db).await?)
}

/// How many there are in the workspace.
pub async fn count<C: ConnectionTrait>(db: &C, permit: &Permit<Read>) -> Result<u64, StorageError> {
    Ok(scoped(permit).count(db).await?)
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
