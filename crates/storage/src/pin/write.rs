use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};

use super::{Column, Entity, Pin};
use crate::{
    StorageError,
    access::{EditWorkflows, Permit},
    ids::WorkflowId,
};

/// Writes a pin, in place of the one that its node had.
pub async fn put<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<EditWorkflows>,
    mut pin: Pin,
) -> Result<(), StorageError> {
    pin.workspace_id = permit.workspace();
    let instead = OnConflict::columns([Column::WorkflowId, Column::NodeKey])
        .update_columns([Column::Output, Column::Port, Column::CreatedAt])
        .to_owned();
    Entity::insert(pin.into_active_model())
        .on_conflict(instead)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Removes the pins of these nodes. One that is not there is removed already.
pub async fn remove<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<EditWorkflows>,
    workflow: WorkflowId,
    nodes: &[String],
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::WorkflowId.eq(workflow))
        .filter(Column::NodeKey.is_in(nodes))
        .exec(db)
        .await?;
    Ok(())
}
