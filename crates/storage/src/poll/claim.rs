use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{Column, Entity, Poll};
use crate::{StorageError, Timestamp, Writer};

/// When the next trigger of any workspace is to be asked.
pub async fn next_due<C: ConnectionTrait>(db: &C) -> Result<Option<Timestamp>, StorageError> {
    let next = Entity::find()
        .select_only()
        .column(Column::DueAt)
        .order_by_asc(Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(db);
    Ok(next.await?)
}

impl Writer {
    /// Takes triggers of any workspace that are to be asked now, the longest waiting first. For `lease` they are nobody else's.
    pub async fn claim_polls(
        &self,
        limit: u64,
        lease: Duration,
    ) -> Result<Vec<Poll>, StorageError> {
        self.call_unscoped(move |call| {
            Box::pin(async move {
                let now = call.now();
                let due = Entity::find()
                    .filter(Column::DueAt.lte(now))
                    .order_by_asc(Column::DueAt)
                    .limit(limit)
                    .all(call.db())
                    .await?;
                let mut claimed = Vec::with_capacity(due.len());
                for mut poll in due {
                    poll.fence += 1;
                    poll.due_at = now.after(lease);
                    Entity::update_many()
                        .col_expr(Column::Fence, Expr::value(poll.fence))
                        .col_expr(Column::DueAt, Expr::value(poll.due_at))
                        .filter(Column::WorkflowId.eq(poll.workflow_id))
                        .filter(Column::NodeKey.eq(&poll.node_key))
                        .exec(call.db())
                        .await?;
                    claimed.push(poll);
                }
                Ok(claimed)
            })
        })
        .await
    }

    /// Keeps a claimed trigger for longer. False when it is somebody else's by now, or published anew.
    pub async fn renew_poll(&self, poll: &Poll, lease: Duration) -> Result<bool, StorageError> {
        let (workflow, key, fence) = (poll.workflow_id, poll.node_key.clone(), poll.fence);
        self.call_unscoped(move |call| {
            Box::pin(async move {
                let renewed = Entity::update_many()
                    .col_expr(Column::DueAt, Expr::value(call.now().after(lease)))
                    .filter(Column::WorkflowId.eq(workflow))
                    .filter(Column::NodeKey.eq(key))
                    .filter(Column::Fence.eq(fence))
                    .exec(call.db())
                    .await?;
                Ok(renewed.rows_affected > 0)
            })
        })
        .await
    }
}
