use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::{Column, Entity, InboundHook};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{InboundHookId, WorkflowId},
};

/// One hook.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: InboundHookId,
) -> Result<Option<InboundHook>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[InboundHookId],
) -> Result<Vec<InboundHook>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The hook with this token, in any workspace: a provider has nothing else to show.
pub async fn find_by_token<C: ConnectionTrait>(
    db: &C,
    token: &str,
) -> Result<Option<InboundHook>, StorageError> {
    Ok(Entity::find()
        .filter(Column::Token.eq(token))
        .one(db)
        .await?)
}

/// All hooks of these workflows, by workflow and then in the order in which they were made.
pub async fn of_workflows<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    workflows: &[WorkflowId],
) -> Result<Vec<InboundHook>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::WorkflowId.is_in(workflows.iter().copied()))
        .order_by_asc(Column::WorkflowId)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
