use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::{Column, Entity, Workflow};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::WorkflowId,
    like::contains,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// Which workflows are wanted.
#[derive(Clone, Debug, Default)]
pub struct WorkflowFilter {
    /// Only those with a published version, or only those without one.
    pub published: Option<bool>,
    /// Only those with this text in their name.
    pub search: Option<String>,
}

/// One workflow that is not deleted.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: WorkflowId,
) -> Result<Option<Workflow>, StorageError> {
    Ok(living(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// The workflows with that name that are not deleted: names need not be unique.
pub async fn named<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    name: &str,
) -> Result<Vec<Workflow>, StorageError> {
    Ok(living(permit).filter(Column::Name.eq(name)).all(db).await?)
}

/// Those of `ids` that are in the workspace, also deleted ones, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[WorkflowId],
) -> Result<Vec<Workflow>, StorageError> {
    Ok(db
        .rows(
            Entity::find()
                .filter(Column::WorkspaceId.eq(permit.workspace()))
                .filter(Column::Id.is_in(ids.iter().copied())),
        )
        .await?)
}

/// The workspace's workflows that match.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &WorkflowFilter,
    page: Page,
) -> Result<Slice<Workflow>, StorageError> {
    let rows = filtered(permit, filter);
    page.of(db, rows, Column::Id, Cursor::as_id::<WorkflowId>)
        .await
}

/// How many workflows match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &WorkflowFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// What changed after a log position, oldest change first, at most `limit` rows. Deleted ones are
/// among them, so that a follower learns of it.
pub async fn changes_after<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    position: i64,
    limit: u64,
) -> Result<Vec<Workflow>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::Revision.gt(position))
        .order_by_asc(Column::Revision)
        .limit(limit)
        .all(db)
        .await?)
}

fn filtered(permit: &Permit<Read>, filter: &WorkflowFilter) -> Select<Entity> {
    let published = filter.published.map(|published| match published {
        true => Column::PublishedVersionId.is_not_null(),
        false => Column::PublishedVersionId.is_null(),
    });
    let search = filter.search.as_deref();
    living(permit).filter(
        Condition::all()
            .add_option(published)
            .add_option(search.map(|text| contains(Column::Name, text))),
    )
}

fn living(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::DeletedAt.is_null())
}
