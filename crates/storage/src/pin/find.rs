use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Column, Entity, Pin};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::WorkflowId,
};

/// The pins of a workflow's draft, by the keys of their nodes.
pub async fn of_workflow<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflow: WorkflowId,
) -> Result<Vec<Pin>, StorageError> {
    of_workflows(db, permit, &[workflow]).await
}

/// The pins of these workflows' drafts, by workflow and key.
pub async fn of_workflows<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflows: &[WorkflowId],
) -> Result<Vec<Pin>, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::WorkflowId.is_in(workflows.iter().copied()))
        .order_by_asc(Column::WorkflowId)
        .order_by_asc(Column::NodeKey)
        .all(db)
        .await?)
}
