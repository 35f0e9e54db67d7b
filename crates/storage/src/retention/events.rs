use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Ages, BATCH};
use crate::{Call, StorageError, Timestamp, delivery, event, ids::WorkspaceId, payload};

/// Deletes a batch of a workspace's events that are too old and that nobody is still to get.
pub(super) async fn sweep(call: &Call, ages: &Ages) -> Result<u64, StorageError> {
    let Some(age) = ages.events else {
        return Ok(0);
    };
    let deleted = sweep_before(call, ages.workspace, call.now().before(age)).await?;
    if deleted > 0 {
        // The head of a SQLite database is found by its newest event, which may be gone now: this writes it down.
        call.next_position();
    }
    Ok(deleted)
}

async fn sweep_before(
    call: &Call,
    workspace: WorkspaceId,
    end: Timestamp,
) -> Result<u64, StorageError> {
    // In the order of the log, which is that of time.
    let oldest: Vec<(i64, Timestamp)> = event::Entity::find()
        .select_only()
        .columns([event::Column::Position, event::Column::CreatedAt])
        .filter(event::Column::WorkspaceId.eq(workspace))
        .order_by_asc(event::Column::Position)
        .limit(BATCH)
        .into_tuple()
        .all(call.db())
        .await?;
    let Some((last, _)) = oldest.iter().rfind(|(_, created_at)| *created_at < end) else {
        return Ok(0);
    };
    let wanted = wanted_from(call, workspace).await?;
    let end = wanted.map_or(*last, |first| (*last).min(first - 1));
    payload::release_events(call, workspace, end).await?;
    let deleted = event::Entity::delete_many()
        .filter(event::Column::WorkspaceId.eq(workspace))
        .filter(event::Column::Position.lte(end))
        .exec(call.db())
        .await?;
    Ok(deleted.rows_affected)
}

/// The position of the first event that is still on its way to an endpoint.
async fn wanted_from(call: &Call, workspace: WorkspaceId) -> Result<Option<i64>, StorageError> {
    let mut pending = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::EventId)
        .filter(delivery::Column::WorkspaceId.eq(workspace))
        .filter(
            Condition::any()
                .add(delivery::Column::DueAt.is_not_null())
                .add(delivery::Column::Queue.is_not_null()),
        );
    let first: Option<Option<i64>> = event::Entity::find()
        .select_only()
        .column_as(event::Column::Position.min(), "first")
        .filter(event::Column::WorkspaceId.eq(workspace))
        .filter(event::Column::Id.in_subquery(QuerySelect::query(&mut pending).take()))
        .into_tuple()
        .one(call.db())
        .await?;
    Ok(first.flatten())
}
