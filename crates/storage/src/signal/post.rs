use std::sync::Arc;

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};

use super::{Column, Entity, Signal, SignalKind};
use crate::{
    Call, Change, StorageError, Timestamp,
    ids::RunId,
    payload::unpack,
    run::{self, Run, RunStatus},
};

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The run will act on it; this is the run now.
    Taken(Box<Run>),
    /// The step has one of the same kind already.
    Repeated,
    /// The run is over.
    TooLate,
}

/// Leaves a message for a run and wakes it. A run on which no work has begun is cancelled right here.
pub async fn post(call: &Call, signal: Signal) -> Result<Posted, StorageError> {
    let id = signal.run_id;
    if signal.kind == SignalKind::Cancel
        && let Some(run) = cancel_unbegun(call, id).await?
    {
        call.noted(signal.kind.done(), &signal);
        return Ok(Posted::Taken(run.into()));
    }
    if repeats(call, &signal).await? {
        return Ok(Posted::Repeated);
    }
    let run = run::signal(call.db(), id, call.next_position(), call.now()).await?;
    let Some(run) = run else {
        return Ok(Posted::TooLate);
    };
    call.noted(signal.kind.done(), &signal);
    Entity::insert(signal.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(call.db())
        .await?;
    call.publish(Change::Run(Arc::new(run.clone())));
    Ok(Posted::Taken(run.into()))
}

async fn repeats(call: &Call, signal: &Signal) -> Result<bool, StorageError> {
    let Some(step) = signal.step_id else {
        return Ok(false);
    };
    let earlier = Entity::find()
        .filter(Column::StepId.eq(step))
        .filter(Column::Kind.eq(signal.kind))
        .one(call.db())
        .await?;
    Ok(earlier.is_some())
}

/// Ends a run that nobody has claimed yet. Its number grows, so that a claim that is under way comes too late.
async fn cancel_unbegun(call: &Call, id: RunId) -> Result<Option<Run>, StorageError> {
    let now: Timestamp = call.now();
    let nobody: Option<Timestamp> = None;
    let mut updated = run::Entity::update_many()
        .col_expr(run::Column::Status, RunStatus::Cancelled.into())
        .col_expr(run::Column::DueAt, nobody.into())
        .col_expr(run::Column::FinishedAt, now.into())
        .col_expr(run::Column::Fence, 1_i64.into())
        .col_expr(run::Column::Revision, call.next_position().into())
        .filter(run::Column::Id.eq(id))
        .filter(run::Column::Status.eq(RunStatus::Queued))
        .filter(run::Column::Fence.eq(0_i64))
        .exec_with_returning(call.db())
        .await?;
    unpack(call.db(), &mut updated).await?;
    let Some(run) = updated.into_iter().next() else {
        return Ok(None);
    };
    wake_parent(call, &run).await?;
    call.publish(Change::Run(Arc::new(run.clone())));
    if run.slot.is_some() {
        run::leave(call, &run).await?;
    }
    Ok(Some(run))
}

/// Tells the run whose step waits for `run` that it is over.
pub(crate) async fn wake_parent(call: &Call, run: &Run) -> Result<(), StorageError> {
    if let (Some(parent), Some(_)) = (run.parent_run_id, run.parent_step_id)
        && let Some(parent) =
            run::signal(call.db(), parent, call.next_position(), call.now()).await?
    {
        call.publish(Change::Run(Arc::new(parent)));
    }
    Ok(())
}
