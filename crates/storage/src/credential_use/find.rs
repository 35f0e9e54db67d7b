use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select,
};

use super::{Column, CredentialUse, Entity};
use crate::{
    StorageError, Timestamp,
    access::{Permit, ReadAuditLog},
    ids::{ConnectedAppId, CredentialUseId, RunId},
    page::{Cursor, Page, Slice, many},
    reader::ReadRows,
};

/// Which uses are wanted; what is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UseFilter {
    /// Of whose credentials.
    pub app: Option<ConnectedAppId>,
    /// By which run.
    pub run: Option<RunId>,
    /// At or after this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// The uses in the workspace, newest first. Credentials that were lent and not used do not count.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    filter: &UseFilter,
    page: Page,
) -> Result<Slice<CredentialUse>, StorageError> {
    let rows = filtered(permit, filter);
    page.of(db, rows, Column::Id, Cursor::as_id::<CredentialUseId>)
        .await
}

/// One use.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    id: CredentialUseId,
) -> Result<Option<CredentialUse>, StorageError> {
    let rows = filtered(permit, &UseFilter::default());
    Ok(rows.filter(Column::Id.eq(id)).one(db).await?)
}

/// How many that are.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    filter: &UseFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// Pages of uses, one for each that is wanted and in that order, as [`list`] shows them.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    wanted: &[(UseFilter, Page)],
) -> Result<Vec<Slice<CredentialUse>>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|(filter, page)| (filtered(permit, filter), *page));
    let place = Cursor::as_id::<CredentialUseId>;
    many::pages(db, lists.collect(), Column::Id, place).await
}

/// How many uses match each of the filters.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    filters: &[UseFilter],
) -> Result<Vec<u64>, StorageError> {
    let lists = filters.iter().map(|filter| filtered(permit, filter));
    many::counts(db, lists.collect()).await
}

fn filtered(permit: &Permit<ReadAuditLog>, filter: &UseFilter) -> Select<Entity> {
    let condition = Condition::all()
        .add_option(filter.app.map(|app| Column::AppId.eq(app)))
        .add_option(filter.run.map(|run| Column::RunId.eq(run)))
        .add_option(filter.since.map(|since| Column::At.gte(since)))
        .add_option(filter.until.map(|until| Column::At.lt(until)));
    let used = Condition::any()
        .add(Column::Requests.is_null())
        .add(Column::Requests.gt(0))
        .add(Column::Reads.gt(0));
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(condition)
        .filter(used)
}
