use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use super::{Column, Entity, Invitation};
use crate::{
    StorageError,
    access::{ManageUsers, Permit},
    ids::InvitationId,
    page::{Cursor, Page, Slice},
};

/// One invitation of the workspace.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageUsers>,
    id: InvitationId,
) -> Result<Option<Invitation>, StorageError> {
    Ok(of_workspace(permit)
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// The invitation whose token has this SHA-256, in any workspace: the token is what proves that somebody is meant.
pub async fn find_by_token<C: ConnectionTrait>(
    db: &C,
    hash: &[u8],
) -> Result<Option<Invitation>, StorageError> {
    let found = Entity::find().filter(Column::TokenHash.eq(hash));
    Ok(found.one(db).await?)
}

/// The workspace's invitations, newest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageUsers>,
    page: Page,
) -> Result<Slice<Invitation>, StorageError> {
    let rows = of_workspace(permit);
    page.of(db, rows, Column::Id, Cursor::as_id::<InvitationId>)
        .await
}

/// How many invitations the workspace has.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageUsers>,
) -> Result<u64, StorageError> {
    Ok(of_workspace(permit).count(db).await?)
}

fn of_workspace(permit: &Permit<ManageUsers>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
