use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{BATCH, Retention};
use crate::{
    Call, StorageError, blob,
    ids::{RunId, WorkflowId},
    payload,
    run::{self, RunStatus},
    signal, step, workflow,
};

/// Deletes a batch of runs that are over and too old, or too many.
pub(super) async fn sweep(call: &Call, retention: &Retention) -> Result<u64, StorageError> {
    let mut ids = Vec::new();
    if let Some(age) = retention.runs {
        let end = call.now().before(age);
        ids = over()
            .filter(run::Column::FinishedAt.lt(end))
            .into_tuple()
            .all(call.db())
            .await?;
    }
    if let (true, Some(most)) = (ids.is_empty(), retention.runs_per_workflow) {
        ids = beyond(call, most).await?;
    }
    delete(call, &ids).await?;
    Ok(ids.len() as u64)
}

/// Runs that are over, the oldest first.
fn over() -> Select<run::Entity> {
    let over = RunStatus::ALL.iter().filter(|status| status.is_finished());
    run::Entity::find()
        .select_only()
        .column(run::Column::Id)
        .filter(run::Column::Status.is_in(over.copied()))
        .order_by_asc(run::Column::Id)
        .limit(BATCH)
}

/// The runs of the first workflow that has more than it may.
async fn beyond(call: &Call, most: u64) -> Result<Vec<RunId>, StorageError> {
    let workflows: Vec<WorkflowId> = workflow::Entity::find()
        .select_only()
        .column(workflow::Column::Id)
        .into_tuple()
        .all(call.db())
        .await?;
    for workflow in workflows {
        let of_workflow = Condition::all().add(run::Column::WorkflowId.eq(workflow));
        let first_beyond: Option<RunId> = run::Entity::find()
            .select_only()
            .column(run::Column::Id)
            .filter(of_workflow.clone())
            .order_by_desc(run::Column::Id)
            .offset(most)
            .limit(1)
            .into_tuple()
            .one(call.db())
            .await?;
        let Some(first) = first_beyond else { continue };
        let ids: Vec<RunId> = over()
            .filter(of_workflow)
            .filter(run::Column::Id.lte(first))
            .into_tuple()
            .all(call.db())
            .await?;
        if !ids.is_empty() {
            return Ok(ids);
        }
    }
    Ok(Vec::new())
}

async fn delete(call: &Call, ids: &[RunId]) -> Result<(), StorageError> {
    if ids.is_empty() {
        return Ok(());
    }
    let db = call.db();
    let ids = || ids.iter().copied();
    step::Entity::delete_many()
        .filter(step::Column::RunId.is_in(ids()))
        .exec(db)
        .await?;
    blob::Entity::delete_many()
        .filter(blob::Column::RunId.is_in(ids()))
        .exec(db)
        .await?;
    signal::Entity::delete_many()
        .filter(signal::Column::RunId.is_in(ids()))
        .exec(db)
        .await?;
    run::Entity::delete_many()
        .filter(run::Column::Id.is_in(ids()))
        .exec(db)
        .await?;
    payload::release(call, ids().map(Into::into)).await
}
