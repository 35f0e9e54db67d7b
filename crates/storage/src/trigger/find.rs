use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Column, Entity, Trigger, TriggerKind};
use crate::{
    StorageError,
    access::{EditWorkflows, Permit, Read},
    ids::{InboundHookId, WorkflowId},
};

/// What a request at this address starts.
pub async fn of_hook<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
) -> Result<Vec<Trigger>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::HookId.eq(hook))
        .all(db)
        .await?)
}

/// The triggers of a workflow's published version.
pub async fn of_workflow<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
) -> Result<Vec<Trigger>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::WorkflowId.eq(workflow))
        .all(db)
        .await?)
}

/// The triggers of a kind that wait for this key, such as an event type.
pub async fn that_match<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    kind: TriggerKind,
    match_key: &str,
) -> Result<Vec<Trigger>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::Kind.eq(kind))
        .filter(Column::MatchKey.eq(match_key))
        .all(db)
        .await?)
}

/// Makes `triggers` all that the workflow has: none when it is unpublished.
pub async fn replace<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<EditWorkflows>,
    workflow: WorkflowId,
    triggers: Vec<Trigger>,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::WorkflowId.eq(workflow))
        .exec(db)
        .await?;
    if !triggers.is_empty() {
        Entity::insert_many(triggers.into_iter().map(IntoActiveModel::into_active_model))
            .exec(db)
            .await?;
    }
    Ok(())
}
