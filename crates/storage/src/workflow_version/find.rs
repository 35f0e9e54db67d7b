use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Select,
};

use super::{Column, Entity, WorkflowVersion};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{WorkflowId, WorkflowVersionId},
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// One version.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: WorkflowVersionId,
) -> Result<Option<WorkflowVersion>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// The version of a workflow with that number.
pub async fn numbered<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
    number: i32,
) -> Result<Option<WorkflowVersion>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::WorkflowId.eq(workflow))
        .filter(Column::Number.eq(number))
        .one(db)
        .await?)
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

/// A workflow's versions, newest first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
    published: Option<bool>,
    page: Page,
) -> Result<Slice<WorkflowVersion>, StorageError> {
    let rows = of_workflow(permit, workflow, published);
    page.of(db, rows, Column::Id, Cursor::as_id::<WorkflowVersionId>)
        .await
}

/// How many versions match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
    published: Option<bool>,
) -> Result<u64, StorageError> {
    Ok(of_workflow(permit, workflow, published).count(db).await?)
}

fn of_workflow(
    permit: &Permit<Read>,
    workflow: WorkflowId,
    published: Option<bool>,
) -> Select<Entity> {
    let published = published.map(|published| match published {
        true => Column::PublishedAt.is_not_null(),
        false => Column::PublishedAt.is_null(),
    });
    scoped(permit)
        .filter(Column::WorkflowId.eq(workflow))
        .filter(Condition::all().add_option(published))
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
