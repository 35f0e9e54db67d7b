use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, Select,
};

use super::{Column, Entity, InboundHook};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{InboundHookId, WorkflowId},
    trigger::{self, Trigger},
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

/// The hook with this token, in any workspace, and what a request there starts: one query for the
/// whole way of an accepted webhook.
pub async fn find_with_triggers<C: ConnectionTrait>(
    db: &C,
    token: &str,
) -> Result<Option<(InboundHook, Vec<Trigger>)>, StorageError> {
    let triggers: RelationDef = Entity::belongs_to(trigger::Entity)
        .from(Column::Id)
        .to(trigger::Column::HookId)
        .into();
    let rows = Entity::find()
        .filter(Column::Token.eq(token))
        .join(JoinType::LeftJoin, triggers)
        .select_also(trigger::Entity)
        .all(db)
        .await?;
    let mut hook = None;
    let mut found = Vec::with_capacity(rows.len());
    for (row, trigger) in rows {
        found.extend(trigger);
        hook = Some(row);
    }
    Ok(hook.map(|hook| (hook, found)))
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
