use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};

use super::{Column, Entity, WorkflowVersion};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{WorkflowId, WorkflowVersionId},
    page::{Cursor, Page, Slice, many},
    reader::ReadRows,
};

/// Which versions are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionFilter {
    /// Those of this workflow.
    pub workflow: WorkflowId,
    /// Only those that were published, or only those that never were.
    pub published: Option<bool>,
}

/// One version.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: WorkflowVersionId,
) -> Result<Option<WorkflowVersion>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// The versions of workflows with those numbers, in no particular order.
pub async fn numbered<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    numbers: &[(WorkflowId, i32)],
) -> Result<Vec<WorkflowVersion>, StorageError> {
    let one = |(workflow, number): &(WorkflowId, i32)| {
        Condition::all()
            .add(Column::WorkflowId.eq(*workflow))
            .add(Column::Number.eq(*number))
    };
    let any = numbers
        .iter()
        .map(one)
        .fold(Condition::any(), Condition::add);
    Ok(db.rows(scoped(permit).filter(any)).await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[WorkflowVersionId],
) -> Result<Vec<WorkflowVersion>, StorageError> {
    Ok(db
        .rows(scoped(permit).filter(Column::Id.is_in(ids.iter().copied())))
        .await?)
}

/// The version of a workflow with the highest number.
pub async fn latest<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
) -> Result<Option<WorkflowVersion>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::WorkflowId.eq(workflow))
        .order_by_desc(Column::Number)
        .one(db)
        .await?)
}

/// Pages of versions of workflows, one for each that is wanted and in that order, the newest first.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(VersionFilter, Page)],
) -> Result<Vec<Slice<WorkflowVersion>>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|(filter, page)| (filtered(permit, *filter), *page));
    let place = Cursor::as_id::<WorkflowVersionId>;
    many::pages(db, lists.collect(), Column::Id, place).await
}

/// How many versions match each of the filters.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filters: &[VersionFilter],
) -> Result<Vec<u64>, StorageError> {
    let lists = filters.iter().map(|filter| filtered(permit, *filter));
    many::counts(db, lists.collect()).await
}

fn filtered(permit: &Permit<Read>, filter: VersionFilter) -> Select<Entity> {
    let published = filter.published.map(|published| match published {
        true => Column::PublishedAt.is_not_null(),
        false => Column::PublishedAt.is_null(),
    });
    scoped(permit)
        .filter(Column::WorkflowId.eq(filter.workflow))
        .filter(Condition::all().add_option(published))
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
