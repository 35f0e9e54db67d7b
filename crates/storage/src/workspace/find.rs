use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Column, Entity, Workspace};
use crate::{
    StorageError,
    access::{Permit, Read},
    membership::Membership,
};

/// The workspace that the permit is for.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
) -> Result<Option<Workspace>, StorageError> {
    Ok(Entity::find_by_id(permit.workspace()).one(db).await?)
}

/// The workspaces of a user's memberships, for who has proved to be them.
pub async fn of_memberships<C: ConnectionTrait>(
    db: &C,
    memberships: &[Membership],
) -> Result<Vec<Workspace>, StorageError> {
    let ids = memberships.iter().map(|row| row.workspace_id);
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// The workspace of that name, for the server itself: no permit can exist before it is known.
pub async fn find_by_name<C: ConnectionTrait>(
    db: &C,
    name: &str,
) -> Result<Option<Workspace>, StorageError> {
    Ok(Entity::find().filter(Column::Name.eq(name)).one(db).await?)
}
