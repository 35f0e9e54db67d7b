use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};

use super::{Column, Entity, Replay, ReplayStatus};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{ReplayId, WebhookEndpointId},
    page::{Cursor, Page, Slice, many},
    reader::ReadRows,
};

/// Which replays are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReplayFilter {
    /// Those to this endpoint.
    pub endpoint: WebhookEndpointId,
    /// Only those that are this far.
    pub status: Option<ReplayStatus>,
}

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

/// Pages of replays, one for each that is wanted and in that order, the newest first.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(ReplayFilter, Page)],
) -> Result<Vec<Slice<Replay>>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|(filter, page)| (filtered(permit, *filter), *page));
    many::pages(db, lists.collect(), Column::Id, Cursor::as_id::<ReplayId>).await
}

/// How many replays match each of the filters.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filters: &[ReplayFilter],
) -> Result<Vec<u64>, StorageError> {
    let lists = filters.iter().map(|filter| filtered(permit, *filter));
    many::counts(db, lists.collect()).await
}

/// The replays of all workspaces that go on, for those who do them.
pub async fn running<C: ConnectionTrait>(db: &C) -> Result<Vec<Replay>, StorageError> {
    Ok(Entity::find()
        .filter(Column::Status.eq(ReplayStatus::Running))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

fn filtered(permit: &Permit<Read>, filter: ReplayFilter) -> Select<Entity> {
    let status = filter.status.map(|status| Column::Status.eq(status));
    scoped(permit)
        .filter(Column::EndpointId.eq(filter.endpoint))
        .filter(Condition::all().add_option(status))
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
