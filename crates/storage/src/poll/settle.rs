use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, UpdateMany, sea_query::Expr};

use super::{Column, Entity, Poll};
use crate::{Append, Call, Json, StorageError, Timestamp};

/// What a poll has found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The trigger as it was claimed.
    pub poll: Poll,
    /// What is new, each with the run that it starts.
    pub appends: Vec<Append>,
    /// Where the next poll goes on; absent leaves it where it is.
    pub cursor: Option<Json>,
    /// When that is.
    pub due_at: Timestamp,
}

/// Says where the next poll goes on. False when the trigger is somebody else's by now, was published anew, or is gone: then nothing of
/// what was found counts.
pub(crate) async fn move_on(
    call: &Call,
    poll: &Poll,
    cursor: Option<Json>,
    due_at: Timestamp,
) -> Result<bool, StorageError> {
    let mut moved = of_claim(poll)
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(Column::Failures, Expr::value(0));
    if let Some(cursor) = cursor {
        moved = moved.col_expr(Column::Cursor, Expr::value(cursor));
    }
    Ok(moved.exec(call.db()).await?.rows_affected > 0)
}

/// Says when a trigger is asked again that could not be. False as for a poll that went well.
pub async fn fail(call: &Call, poll: &Poll, due_at: Timestamp) -> Result<bool, StorageError> {
    let failed = of_claim(poll)
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(
            Column::Failures,
            Expr::value(poll.failures.saturating_add(1)),
        );
    Ok(failed.exec(call.db()).await?.rows_affected > 0)
}

fn of_claim(poll: &Poll) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::WorkflowId.eq(poll.workflow_id))
        .filter(Column::NodeKey.eq(&poll.node_key))
        .filter(Column::Fence.eq(poll.fence))
}
