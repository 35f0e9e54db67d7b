use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Column, Entity, Workspace};
use crate::{
    StorageError,
    access::{Permit, Read},
};

/// The workspace that the permit is for.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
) -> Result<Option<Workspace>, StorageError> {
    Ok(Entity::find_by_id(permit.workspace()).one(db).await?)
}

/// The workspace of that name, for the server itself: no permit can exist before it is known.
pub async fn find_by_name<C: ConnectionTrait>(
    db: &C,
    name: &str,
) -> Result<Option<Workspace>, StorageError> {
    Ok(Entity::find().filter(Column::Name.eq(name)).one(db).await?)
}
