use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::{Column, Entity, WorkflowVersion};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{WorkflowId, WorkflowVersionId},
    page::{Cursor, Page, Slice},
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
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[WorkflowVersionId],
) -> Result<Vec<WorkflowVersion>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
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
pub async fn list<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
    page: Page,
) -> Result<Slice<WorkflowVersion>, StorageError> {
    let rows = scoped(permit).filter(Column::WorkflowId.eq(workflow));
    page.of(db, rows, Column::Id, Cursor::as_id::<WorkflowVersionId>)
        .await
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
