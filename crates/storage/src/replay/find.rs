use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Select,
};

use super::{Column, Entity, Replay, ReplayStatus};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{ReplayId, WebhookEndpointId},
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// One replay.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: ReplayId,
) -> Result<Option<Replay>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[ReplayId],
) -> Result<Vec<Replay>, StorageError> {
    Ok(db
        .rows(scoped(permit).filter(Column::Id.is_in(ids.iter().copied())))
        .await?)
}

/// The replays to an endpoint, newest first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    endpoint: WebhookEndpointId,
    status: Option<ReplayStatus>,
    page: Page,
) -> Result<Slice<Replay>, StorageError> {
    let rows = to(permit, endpoint, status);
    page.of(db, rows, Column::Id, Cursor::as_id::<ReplayId>)
        .await
}

/// How many replays to an endpoint there are.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    endpoint: WebhookEndpointId,
    status: Option<ReplayStatus>,
) -> Result<u64, StorageError> {
    let rows = to(permit, endpoint, status);
    Ok(rows.count(db).await?)
}

/// The replays of all workspaces that go on, for those who do them.
pub async fn running<C: ConnectionTrait>(db: &C) -> Result<Vec<Replay>, StorageError> {
    Ok(Entity::find()
        .filter(Column::Status.eq(ReplayStatus::Running))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

fn to(
    permit: &Permit<Read>,
    endpoint: WebhookEndpointId,
    status: Option<ReplayStatus>,
) -> Select<Entity> {
    let status = status.map(|status| Column::Status.eq(status));
    scoped(permit)
        .filter(Column::EndpointId.eq(endpoint))
        .filter(Condition::all().add_option(status))
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
