use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
};

use super::{Column, Entity, Member, Membership};
use crate::{
    StorageError,
    access::{Permission, Permit},
    ids::UserId,
    page::{Cursor, Page, Slice},
    user,
};

/// What a user may do in the workspace.
pub async fn find<P: Permission, C: ConnectionTrait>(
    db: &C,
    permit: &Permit<P>,
    id: UserId,
) -> Result<Option<Membership>, StorageError> {
    Ok(Entity::find_by_id((permit.workspace(), id)).one(db).await?)
}

/// Several users of the workspace.
pub async fn find_many<P: Permission, C: ConnectionTrait>(
    db: &C,
    permit: &Permit<P>,
    ids: &[UserId],
) -> Result<Vec<Member>, StorageError> {
    let rows = of_workspace(permit).filter(Column::UserId.is_in(ids.iter().copied()));
    with_users(db, permit, rows.all(db).await?).await
}

/// The workspace's users, newest first.
pub async fn list<P: Permission, C: ConnectionTrait>(
    db: &C,
    permit: &Permit<P>,
    page: Page,
) -> Result<Slice<Member>, StorageError> {
    let rows = of_workspace(permit);
    let slice = page.of(db, rows, Column::UserId, Cursor::as_id::<UserId>);
    let slice = slice.await?;
    Ok(Slice {
        has_next: slice.has_next,
        items: with_users(db, permit, slice.items).await?,
    })
}

/// How many users the workspace has.
pub async fn count<P: Permission, C: ConnectionTrait>(
    db: &C,
    permit: &Permit<P>,
) -> Result<u64, StorageError> {
    Ok(of_workspace(permit).count(db).await?)
}

/// Where a user may do something, the oldest membership first: for who has proved to be them.
pub async fn of_user<C: ConnectionTrait>(
    db: &C,
    id: UserId,
) -> Result<Vec<Membership>, StorageError> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(id))
        .filter(Column::DeactivatedAt.is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::WorkspaceId)
        .all(db)
        .await?)
}

fn of_workspace<P: Permission>(permit: &Permit<P>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}

async fn with_users<P: Permission, C: ConnectionTrait>(
    db: &C,
    permit: &Permit<P>,
    rows: Vec<Membership>,
) -> Result<Vec<Member>, StorageError> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
    let users = user::find_many(db, permit, &ids).await?;
    let mut users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
    let member = |membership: Membership| {
        let user = users.remove(&membership.user_id)?;
        Some(Member { membership, user })
    };
    Ok(rows.into_iter().filter_map(member).collect())
}
