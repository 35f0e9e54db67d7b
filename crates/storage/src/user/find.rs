use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Column, Email, Entity, User};
use crate::{
    StorageError,
    access::{Actor, OwnAccount, Permission, Permit},
    ids::UserId,
    membership,
};

/// The user with that address, in any workspace: this is how somebody who signs in is found.
pub async fn find_by_email<C: ConnectionTrait>(
    db: &C,
    email: &Email,
) -> Result<Option<User>, StorageError> {
    let found = Entity::find().filter(Column::Email.eq(email.as_str()));
    Ok(found.one(db).await?)
}

/// The user who is the permit's holder.
pub async fn find_own<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<OwnAccount>,
) -> Result<Option<User>, StorageError> {
    match *permit.actor() {
        Actor::User(id) => find_unscoped(db, id).await,
        _ => Ok(None),
    }
}

/// The user with that id, for who has proved to be them.
pub(crate) async fn find_unscoped<C: ConnectionTrait>(
    db: &C,
    id: UserId,
) -> Result<Option<User>, StorageError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Those of the users who belong to the workspace, or did.
pub async fn find_many<P: Permission, C: ConnectionTrait>(
    db: &C,
    permit: &Permit<P>,
    ids: &[UserId],
) -> Result<Vec<User>, StorageError> {
    let mut members = membership::Entity::find()
        .select_only()
        .column(membership::Column::UserId)
        .filter(membership::Column::WorkspaceId.eq(permit.workspace()));
    Ok(Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::Id.in_subquery(QuerySelect::query(&mut members).take()))
        .all(db)
        .await?)
}
