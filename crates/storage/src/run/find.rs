use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::{Column, Entity, Priority, Run, RunStatus};
use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    columns::Without,
    ids::{RunId, WorkflowId},
    page::{Cursor, Page, Slice},
    payload::{Whole, unpack},
    reader::ReadRows,
};

/// Which runs are wanted.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Only runs of this workflow.
    pub workflow_id: Option<WorkflowId>,
    /// Only runs that are this far.
    pub status: Option<RunStatus>,
    /// Only test runs, or none of them.
    pub is_test: Option<bool>,
}

/// One run.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: RunId,
) -> Result<Option<Run>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.eq(id))
        .whole_one(db)
        .await?)
}

/// Those of `ids` that are in the workspace, in no particular order, with null in the place of the columns `without`.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[RunId],
    without: &[Column],
) -> Result<Vec<Run>, StorageError> {
    Ok(scoped(permit)
        .without(without)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .whole(db)
        .await?)
}

/// The workspace's runs, newest first, with null in the place of the columns `without`.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &RunFilter,
    page: Page,
    without: &[Column],
) -> Result<Slice<Run>, StorageError> {
    let rows = filtered(permit, filter).without(without);
    let mut slice = page
        .of(db, rows, Column::Id, Cursor::as_id::<RunId>)
        .await?;
    unpack(db, &mut slice.items).await?;
    Ok(slice)
}

/// How many runs match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &RunFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// A run of whichever workspace, for the holder of a link that names it and that this server has signed.
pub async fn find_linked<C: ConnectionTrait>(
    db: &C,
    id: RunId,
) -> Result<Option<Run>, StorageError> {
    Ok(Entity::find_by_id(id).whole_one(db).await?)
}

/// The runs that steps of these runs started, whatever has become of them.
pub async fn children<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    parents: &[RunId],
) -> Result<Vec<Run>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::ParentRunId.is_in(parents.iter().copied()))
        .filter(Column::ParentStepId.is_not_null())
        .whole(db)
        .await?)
}

/// When the next run of any workspace becomes due, for the engine's timer.
pub async fn next_due<C: ConnectionTrait>(db: &C) -> Result<Option<Timestamp>, StorageError> {
    let mut next = None;
    // The index is by priority first.
    for priority in Priority::ALL {
        let due: Option<Timestamp> = Entity::find()
            .select_only()
            .column(Column::DueAt)
            .filter(Column::Priority.eq(priority))
            .filter(Column::DueAt.is_not_null())
            .order_by_asc(Column::DueAt)
            .into_tuple()
            .one(db)
            .await?;
        next = next.into_iter().chain(due).min();
    }
    Ok(next)
}

fn filtered(permit: &Permit<Read>, filter: &RunFilter) -> Select<Entity> {
    scoped(permit).filter(
        Condition::all()
            .add_option(filter.workflow_id.map(|id| Column::WorkflowId.eq(id)))
            .add_option(filter.status.map(|status| Column::Status.eq(status)))
            .add_option(filter.is_test.map(|is_test| Column::IsTest.eq(is_test))),
    )
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
