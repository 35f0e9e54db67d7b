use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::{Column, Entity, Step};
use crate::{
    StorageError,
    access::{Permit, Read},
    columns::Without,
    ids::{RunId, StepId},
    payload::Whole,
    reader::ReadRows,
};

/// One step.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: StepId,
) -> Result<Option<Step>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.eq(id))
        .whole_one(db)
        .await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[StepId],
) -> Result<Vec<Step>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .whole(db)
        .await?)
}

/// The step of a node in a run, for the items of `item_path` (empty outside of every `for-each`).
pub async fn find_by_node<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    run: RunId,
    node_key: &str,
    item_path: &str,
) -> Result<Option<Step>, StorageError> {
    let path = match item_path {
        "" => Column::ItemPath.is_null(),
        path => Column::ItemPath.eq(path),
    };
    Ok(scoped(permit)
        .filter(Column::RunId.eq(run))
        .filter(Column::NodeKey.eq(node_key))
        .filter(path)
        .whole_one(db)
        .await?)
}

/// All steps of these runs, by run and then in the order in which they began.
pub async fn of_runs<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    runs: &[RunId],
) -> Result<Vec<Step>, StorageError> {
    of_runs_without(db, permit, runs, &[]).await
}

/// The same, with null in the place of these columns.
pub async fn of_runs_without<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    runs: &[RunId],
    columns: &[Column],
) -> Result<Vec<Step>, StorageError> {
    Ok(scoped(permit)
        .without(columns)
        .filter(Column::RunId.is_in(runs.iter().copied()))
        .order_by_asc(Column::RunId)
        .order_by_asc(Column::Id)
        .whole(db)
        .await?)
}

/// The steps of a run that changed after a log position, oldest change first.
pub async fn changes_after<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    run: RunId,
    position: i64,
) -> Result<Vec<Step>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::RunId.eq(run))
        .filter(Column::Revision.gt(position))
        .order_by_asc(Column::Revision)
        .whole(db)
        .await?)
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
