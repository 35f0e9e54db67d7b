use std::time::Duration;

use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{Column, Entity, Health, Model, STRETCH};
use crate::{
    Call, StorageError, Timestamp,
    ids::{InboundHookId, WorkspaceId},
};

/// How long counts are kept: a little longer than the longest window that is shown.
const KEPT: Duration = Duration::from_secs(8 * 24 * 3600);

/// Where a request is counted. Equal ones are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tally {
    workspace_id: WorkspaceId,
    hook_id: InboundHookId,
    at: Timestamp,
}

impl Tally {
    /// Of a request that came at `now`.
    pub fn new(workspace_id: WorkspaceId, hook_id: InboundHookId, now: Timestamp) -> Self {
        let stretch = i64::try_from(STRETCH.as_micros()).unwrap_or(i64::MAX);
        Self {
            workspace_id,
            hook_id,
            at: Timestamp::from_micros(now.as_micros() / stretch * stretch),
        }
    }

    /// In whose workspace it was.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace_id
    }
}

/// Adds to the counts.
pub async fn add(call: &Call, tallies: Vec<(Tally, Health)>) -> Result<(), StorageError> {
    let rows = tallies.into_iter().map(|(tally, health)| {
        let row = Model {
            workspace_id: tally.workspace_id,
            hook_id: tally.hook_id,
            at: tally.at,
            accepted: health.accepted,
            rejected: health.rejected,
            duplicates: health.duplicates,
        };
        row.into_active_model()
    });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(100) {
        let mut again = OnConflict::columns([Column::WorkspaceId, Column::HookId, Column::At]);
        for column in [Column::Accepted, Column::Rejected, Column::Duplicates] {
            let sum = Expr::col((Entity, column)).add(Expr::col(("excluded", column)));
            again.value(column, sum);
        }
        Entity::insert_many(some.iter().cloned())
            .on_conflict(again)
            .exec_without_returning(call.db())
            .await?;
    }
    Ok(())
}

/// Deletes counts that no window shows any more.
pub async fn sweep(call: &Call) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::At.lt(call.now().before(KEPT)))
        .exec(call.db())
        .await?;
    Ok(())
}
