use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{BATCH, Retention};
use crate::{Call, StorageError, Timestamp, event, ids::WorkspaceId, workspace};

/// Deletes a batch of events that are too old.
pub(super) async fn sweep(call: &Call, retention: &Retention) -> Result<u64, StorageError> {
    let Some(age) = retention.events else {
        return Ok(0);
    };
    let end = call.now().before(age);
    let workspaces: Vec<WorkspaceId> = workspace::Entity::find()
        .select_only()
        .column(workspace::Column::Id)
        .into_tuple()
        .all(call.db())
        .await?;
    let mut deleted = 0;
    for workspace in workspaces {
        deleted += sweep_workspace(call, workspace, end).await?;
    }
    if deleted > 0 {
        // The head of a SQLite database is found by its newest event, which may be gone now: this writes it down.
        call.next_position();
    }
    Ok(deleted)
}

async fn sweep_workspace(
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
    let deleted = event::Entity::delete_many()
        .filter(event::Column::WorkspaceId.eq(workspace))
        .filter(event::Column::Position.lte(*last))
        .exec(call.db())
        .await?;
    Ok(deleted.rows_affected)
}
