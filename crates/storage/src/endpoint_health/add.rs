use std::time::Duration;

use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{Column, Entity, Model, STRETCH, step_of};
use crate::{
    Call, StorageError, Timestamp,
    ids::{WebhookEndpointId, WorkspaceId},
};

/// How long counts are kept: a little longer than the longest window that is shown.
const KEPT: Duration = Duration::from_secs(31 * 24 * 3600);

/// Where an attempt is counted. Equal ones are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tally {
    workspace_id: WorkspaceId,
    endpoint_id: WebhookEndpointId,
    at: Timestamp,
    succeeded: bool,
    duration: i32,
}

impl Tally {
    /// Whose attempt it was.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace_id
    }

    /// Of an attempt that ended at `now`.
    pub fn new(
        workspace_id: WorkspaceId,
        endpoint_id: WebhookEndpointId,
        now: Timestamp,
        succeeded: bool,
        took: Duration,
    ) -> Self {
        let stretch = i64::try_from(STRETCH.as_micros()).unwrap_or(i64::MAX);
        Self {
            workspace_id,
            endpoint_id,
            at: Timestamp::from_micros(now.as_micros() / stretch * stretch),
            succeeded,
            duration: step_of(took.as_secs_f64() * 1_000.0),
        }
    }
}

/// Adds to the counts.
pub async fn add(call: &Call, tallies: Vec<(Tally, i64)>) -> Result<(), StorageError> {
    let rows = tallies.into_iter().map(|(tally, count)| {
        let row = Model {
            workspace_id: tally.workspace_id,
            endpoint_id: tally.endpoint_id,
            at: tally.at,
            succeeded: tally.succeeded,
            duration: tally.duration,
            count,
        };
        row.into_active_model()
    });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(100) {
        let mut again = OnConflict::columns([
            Column::WorkspaceId,
            Column::EndpointId,
            Column::At,
            Column::Succeeded,
            Column::Duration,
        ]);
        let sum = Expr::col((Entity, Column::Count)).add(Expr::col(("excluded", Column::Count)));
        again.value(Column::Count, sum);
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
