use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{Column, Entity, Trigger, TriggerKind};
use crate::{
    StorageError, Timestamp,
    access::{EditWorkflows, Permit, Read},
    ids::{InboundHookId, WorkflowId},
};

/// One trigger.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
    node_key: &str,
) -> Result<Option<Trigger>, StorageError> {
    Ok(Entity::find_by_id((workflow, node_key.to_owned()))
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .one(db)
        .await?)
}

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

/// The triggers of these workflows' published versions, by workflow and key.
pub async fn of_workflows<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflows: &[WorkflowId],
) -> Result<Vec<Trigger>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::WorkflowId.is_in(workflows.iter().copied()))
        .order_by_asc(Column::WorkflowId)
        .order_by_asc(Column::NodeKey)
        .all(db)
        .await?)
}

/// All triggers of a kind in all workspaces, for the server's own work.
pub async fn of_kind<C: ConnectionTrait>(
    db: &C,
    kind: TriggerKind,
) -> Result<Vec<Trigger>, StorageError> {
    Ok(Entity::find().filter(Column::Kind.eq(kind)).all(db).await?)
}

/// The schedules of all workspaces that are to fire at `now` or were before, the longest waiting first.
pub async fn due<C: ConnectionTrait>(
    db: &C,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Trigger>, StorageError> {
    Ok(Entity::find()
        .filter(Column::NextAt.lte(now))
        .filter(Column::Kind.eq(TriggerKind::Schedule))
        .order_by_asc(Column::NextAt)
        .limit(limit)
        .all(db)
        .await?)
}

/// When the next schedule of any workspace fires.
pub async fn next_tick<C: ConnectionTrait>(db: &C) -> Result<Option<Timestamp>, StorageError> {
    let next: Option<Timestamp> = Entity::find()
        .select_only()
        .column(Column::NextAt)
        .filter(Column::NextAt.is_not_null())
        .filter(Column::Kind.eq(TriggerKind::Schedule))
        .order_by_asc(Column::NextAt)
        .into_tuple()
        .one(db)
        .await?;
    Ok(next)
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
