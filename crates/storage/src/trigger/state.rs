use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Column, Entity, Trigger, TriggerKind};
use crate::{StorageError, Timestamp, poll::Poll};

/// Has a schedule fire next at `next` instead of at the instant that `trigger` says. Nothing is changed when another
/// node was faster or the workflow was published anew.
pub async fn move_tick<C: ConnectionTrait>(
    db: &C,
    trigger: &Trigger,
    next: Option<Timestamp>,
) -> Result<bool, StorageError> {
    let moved = Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(next))
        .filter(Column::WorkflowId.eq(trigger.workflow_id))
        .filter(Column::NodeKey.eq(&trigger.node_key))
        .filter(Column::WorkflowVersionId.eq(trigger.workflow_version_id))
        .filter(Column::NextAt.eq(trigger.next_at))
        .exec(db)
        .await?;
    Ok(moved.rows_affected > 0)
}

/// Keeps why a trigger could not fire, until its workflow is published anew.
pub async fn note_error<C: ConnectionTrait>(
    db: &C,
    trigger: &Trigger,
    error: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Error, Expr::value(error))
        .col_expr(Column::ErrorAt, Expr::value(now))
        .filter(Column::WorkflowId.eq(trigger.workflow_id))
        .filter(Column::NodeKey.eq(&trigger.node_key))
        .filter(Column::WorkflowVersionId.eq(trigger.workflow_version_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Shows when a trigger is asked next, and why it could not be asked now, if so.
pub async fn note_poll<C: ConnectionTrait>(
    db: &C,
    poll: &Poll,
    next: Timestamp,
    failure: Option<(&str, Timestamp)>,
) -> Result<(), StorageError> {
    let (error, at) = failure.unzip();
    Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(next))
        .col_expr(Column::Error, Expr::value(error))
        .col_expr(Column::ErrorAt, Expr::value(at))
        .filter(Column::WorkflowId.eq(poll.workflow_id))
        .filter(Column::NodeKey.eq(&poll.node_key))
        .filter(Column::Kind.eq(TriggerKind::Poll))
        .exec(db)
        .await?;
    Ok(())
}
