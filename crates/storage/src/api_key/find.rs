use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select,
    sea_query::Expr,
};

use super::{ApiKey, Column, Entity};
use crate::{
    StorageError, Timestamp,
    access::{ManageKeys, Permit, ReadAuditLog},
    ids::ApiKeyId,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// One key of the workspace.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageKeys>,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, StorageError> {
    Ok(Entity::find_by_id(id)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .one(db)
        .await?)
}

/// The key whose secret has this SHA-256, or had it before the last rotation, in any workspace: this is how a caller is
/// authenticated.
pub async fn find_by_hash<C: ConnectionTrait>(
    db: &C,
    hash: &[u8],
) -> Result<Option<ApiKey>, StorageError> {
    let either = Condition::any()
        .add(Column::Hash.eq(hash))
        .add(Column::PreviousHash.eq(hash));
    Ok(Entity::find().filter(either).one(db).await?)
}

/// Several keys of the workspace, for who has done what.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    ids: &[ApiKeyId],
) -> Result<Vec<ApiKey>, StorageError> {
    Ok(db
        .rows(
            Entity::find()
                .filter(Column::Id.is_in(ids.iter().copied()))
                .filter(Column::WorkspaceId.eq(permit.workspace())),
        )
        .await?)
}

/// The key of that name that is neither revoked nor expired.
pub(super) async fn find_live<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageKeys>,
    name: &str,
    now: Timestamp,
) -> Result<Option<ApiKey>, StorageError> {
    let lives = Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(now));
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::Name.eq(name))
        .filter(Column::RevokedAt.is_null())
        .filter(lives)
        .one(db)
        .await?)
}

/// The workspace's keys, newest first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<ManageKeys>,
    accepted: Option<Accepted>,
    page: Page,
) -> Result<Slice<ApiKey>, StorageError> {
    let rows = filtered(permit, accepted);
    page.of(db, rows, Column::Id, Cursor::as_id::<ApiKeyId>)
        .await
}

/// How many keys match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageKeys>,
    accepted: Option<Accepted>,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, accepted).count(db).await?)
}

/// Whether keys are wanted that are accepted now, or those that were revoked or have expired.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// Whether they are.
    pub accepted: bool,
    /// Now.
    pub now: Timestamp,
}

fn filtered(permit: &Permit<ManageKeys>, accepted: Option<Accepted>) -> Select<Entity> {
    let accepted = accepted.map(|Accepted { accepted, now }| {
        let unexpired = Condition::any()
            .add(Column::ExpiresAt.is_null())
            .add(Column::ExpiresAt.gt(now));
        let good = Condition::all()
            .add(Column::RevokedAt.is_null())
            .add(unexpired);
        if accepted { good } else { good.not() }
    });
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Condition::all().add_option(accepted))
}

/// Notes that a key was used. Belongs into a [`call`](crate::Writer::call) and not on each request.
pub async fn touch<C: ConnectionTrait>(
    db: &C,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}
