use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, Select, sea_query::ExprTrait,
};

use super::{Column, Entity, InboundHook};
use crate::{
    StorageError,
    access::{Permit, Read},
    connected_app::{self, ConnectedApp},
    ids::{ConnectedAppId, InboundHookId, WorkflowId},
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

/// A hook with what a request there is judged by, and what it starts.
#[derive(Clone, Debug)]
pub struct Found {
    /// The hook.
    pub hook: InboundHook,
    /// The triggers of its workflow that it starts.
    pub triggers: Vec<Trigger>,
    /// The app that it belongs to.
    pub app: Option<ConnectedApp>,
}

/// The hook with this token, in any workspace: a provider has nothing else to show. It also has the token that was replaced
/// last, for whoever asks to compare with the time until which that is good.
pub async fn find_by_token<C: ConnectionTrait>(
    db: &C,
    token: &str,
) -> Result<Option<InboundHook>, StorageError> {
    Ok(by_token(token).one(db).await?)
}

/// The hook with this token, in any workspace, with the triggers of its workflow or its app.
pub async fn find_target<C: ConnectionTrait>(
    db: &C,
    token: &str,
) -> Result<Option<Found>, StorageError> {
    let triggers: RelationDef = Entity::belongs_to(trigger::Entity)
        .from(Column::Id)
        .to(trigger::Column::HookId)
        .into();
    let rows = by_token(token)
        .join(JoinType::LeftJoin, triggers)
        .select_also(trigger::Entity)
        .all(db)
        .await?;
    let mut hook = None;
    let mut triggers = Vec::with_capacity(rows.len());
    for (row, trigger) in rows {
        triggers.extend(trigger);
        hook = Some(row);
    }
    let Some(hook) = hook else {
        return Ok(None);
    };
    let app = match hook.connected_app_id {
        Some(id) => connected_app::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    Ok(Some(Found {
        hook,
        triggers,
        app,
    }))
}

fn by_token(token: &str) -> Select<Entity> {
    let either = Column::Token.eq(token).or(Column::PreviousToken.eq(token));
    Entity::find().filter(either)
}

/// The hooks of these connected apps.
pub async fn of_apps<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    apps: &[ConnectedAppId],
) -> Result<Vec<InboundHook>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::ConnectedAppId.is_in(apps.iter().copied()))
        .all(db)
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
