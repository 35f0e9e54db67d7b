use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Select,
};

use super::{Column, Entity, Member, Membership};
use crate::{
    StorageError,
    access::{Permission, Permit, Role},
    ids::UserId,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
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
pub async fn find_many<P: Permission, C: ReadRows>(
    db: &C,
    permit: &Permit<P>,
    ids: &[UserId],
) -> Result<Vec<Member>, StorageError> {
    let rows = of_workspace(permit).filter(Column::UserId.is_in(ids.iter().copied()));
    with_users(db, permit, rows.all(db).await?).await
}

/// Which users of a workspace are wanted.
#[derive(Clone, Debug, Default)]
pub struct MembershipFilter {
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those who may come in, or only those who were deactivated.
    pub active: Option<bool>,
}

/// The workspace's users that match.
pub async fn list<P: Permission, C: ReadRows>(
    db: &C,
    permit: &Permit<P>,
    filter: &MembershipFilter,
    page: Page,
) -> Result<Slice<Member>, StorageError> {
    let rows = filtered(permit, filter);
    let slice = page.of(db, rows, Column::UserId, Cursor::as_id::<UserId>);
    let mut slice = slice.await?;
    let members = with_users(db, permit, std::mem::take(&mut slice.items)).await?;
    Ok(slice.of(|_| members))
}

/// How many users match.
pub async fn count<P: Permission, C: ConnectionTrait>(
    db: &C,
    permit: &Permit<P>,
    filter: &MembershipFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// Where a user may do something, the oldest membership first: for who has proved to be them.
pub async fn of_user<C: ReadRows>(db: &C, id: UserId) -> Result<Vec<Membership>, StorageError> {
    Ok(db
        .rows(
            Entity::find()
                .filter(Column::UserId.eq(id))
                .filter(Column::DeactivatedAt.is_null())
                .order_by_asc(Column::CreatedAt)
                .order_by_asc(Column::WorkspaceId),
        )
        .await?)
}

fn filtered<P: Permission>(permit: &Permit<P>, filter: &MembershipFilter) -> Select<Entity> {
    let active = filter.active.map(|active| match active {
        true => Column::DeactivatedAt.is_null(),
        false => Column::DeactivatedAt.is_not_null(),
    });
    of_workspace(permit).filter(
        Condition::all()
            .add_option(filter.role.map(|role| Column::Role.eq(role)))
            .add_option(active),
    )
}

fn of_workspace<P: Permission>(permit: &Permit<P>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}

async fn with_users<P: Permission, C: ReadRows>(
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
