use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select,
};

use super::{Column, Entity, Invitation};
use crate::{
    StorageError, Timestamp,
    access::{ManageUsers, Permit},
    ids::InvitationId,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
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
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<ManageUsers>,
    pending: Option<Pending>,
    page: Page,
) -> Result<Slice<Invitation>, StorageError> {
    let rows = filtered(permit, pending);
    page.of(db, rows, Column::Id, Cursor::as_id::<InvitationId>)
        .await
}

/// How many invitations match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageUsers>,
    pending: Option<Pending>,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, pending).count(db).await?)
}

/// Whether invitations are wanted that can be accepted now, or those that cannot.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// Whether they can.
    pub pending: bool,
    /// Now.
    pub now: Timestamp,
}

fn filtered(permit: &Permit<ManageUsers>, pending: Option<Pending>) -> Select<Entity> {
    let pending = pending.map(|Pending { pending, now }| {
        let open = Condition::all()
            .add(Column::AcceptedAt.is_null())
            .add(Column::RevokedAt.is_null())
            .add(Column::ExpiresAt.gt(now));
        if pending { open } else { open.not() }
    });
    of_workspace(permit).filter(Condition::all().add_option(pending))
}

fn of_workspace(permit: &Permit<ManageUsers>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
