//! Limited workflows: which runs are under way, and which wait for one of them to be over.
//!
//! A run of a limited workflow has a slot, or waits for one: then it is queued and not due, so that the claim, which looks
//! at what is due, never meets it. Who ends a run with a slot gives the slot to the next one in the same transaction. All
//! transactions that write runs come one after the other, on several nodes too (the log's head is locked first), so that
//! counting before giving is exact.

use std::sync::Arc;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DeriveActiveEnum, EntityTrait, EnumIter,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr,
};
use serde_json::json;

use super::deadlock::closes_circle;
use super::{Column, Concurrency, Entity, OnFull, Priority, Run, RunStatus};
use crate::{
    Call, Change, StorageError,
    ids::{RunId, WorkflowId},
    payload::{self, Whole},
    signal::{self, Signal, SignalKind},
};

/// The code of the error of a run for which there was no room.
pub const NO_ROOM: &str = "CONCURRENCY_LIMIT";

/// The code of the error of a run that would have waited for a slot for ever.
pub const DEADLOCK: &str = "CONCURRENCY_DEADLOCK";

const CIRCLE: &str = "the runs that hold the slots of its workflow wait, themselves or over others, for a slot that comes free \
    only when this run is over, so it would wait for ever; raise one of the limits, or let only one of these workflows be limited";

/// How a run of a limited workflow stands to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Slot {
    /// It waits until another one is over.
    #[sea_orm(num_value = 0)]
    Wanted,
    /// It is under way, or may begin.
    #[sea_orm(num_value = 1)]
    Held,
    /// It was told to make room, and has a slot until it is over.
    #[sea_orm(num_value = 2)]
    Leaving,
}

/// Writes a new run of a limited workflow, as there is room for it. `group` is what the limit's key came to.
pub async fn enter(
    call: &Call,
    mut run: Run,
    concurrency: &Concurrency,
    group: String,
) -> Result<Run, StorageError> {
    run.slot_group = Some(group);
    run.slot_limit = Some(concurrency.limit);
    if concurrency.on_full == OnFull::CancelOldest {
        make_room(call, &run, concurrency.limit).await?;
    }
    let full = held(call, &run).await? >= u64::from(concurrency.limit.unsigned_abs());
    match (full, concurrency.on_full) {
        (false, _) => {
            run.slot = Some(Slot::Held);
            run.due_at = Some(call.now());
        }
        (true, OnFull::Drop) => {
            let message = format!(
                "the workflow had as many runs under way as its `concurrency.limit` of {} allows, and its `onFull` is DROP",
                concurrency.limit
            );
            turn_away(call, &mut run, NO_ROOM, &message);
        }
        (true, OnFull::Queue | OnFull::CancelOldest) => {
            run.slot = Some(Slot::Wanted);
            run.due_at = None;
            if closes_circle(call, &run).await? {
                turn_away(call, &mut run, DEADLOCK, CIRCLE);
            }
        }
    }
    run.created_at = call.now();
    run.revision = call.next_position();
    let row = payload::packed(call.db(), run.clone()).await?;
    Entity::insert(row.into_active_model())
        .exec_without_returning(call.db())
        .await?;
    call.publish(Change::Run(Arc::new(run.clone())));
    if run.status.is_finished() {
        signal::wake_parent(call, &run).await?;
    }
    Ok(run)
}

/// Lets a run be over before it begins.
fn turn_away(call: &Call, run: &mut Run, code: &str, message: &str) {
    run.slot = None;
    run.error = Some(json!({"code": code, "message": message}).into());
    run.finish(RunStatus::Cancelled, call.now());
}

/// Cancels the oldest runs until there is room for one more.
async fn make_room(call: &Call, newcomer: &Run, limit: i32) -> Result<(), StorageError> {
    let staying = of_group(newcomer).filter(Column::Slot.is_in([Slot::Wanted, Slot::Held]));
    let count = staying.clone().count(call.db()).await?;
    let room = u64::from(limit.unsigned_abs().max(1) - 1);
    let oldest = staying
        .order_by_asc(Column::Id)
        .limit(count.saturating_sub(room));
    for run in oldest.whole(call.db()).await? {
        set_slot(call, run.id, Some(Slot::Leaving)).await?;
        let cancel = Signal {
            id: call.id(),
            workspace_id: run.workspace_id,
            run_id: run.id,
            step_id: None,
            kind: SignalKind::Cancel,
            body: json!({"reason": format!("{} took its place: `onFull` is CANCEL_OLDEST", newcomer.id)}).into(),
            created_at: call.now(),
        };
        signal::post(call, cancel).await?;
    }
    Ok(())
}

/// A run is over: its slot goes to the next one that waits.
pub(crate) async fn leave(call: &Call, run: &Run) -> Result<(), StorageError> {
    set_slot(call, run.id, None).await?;
    admit(call, run).await
}

/// The published version of a workflow has another limit, or none: it holds for all runs that are not over.
pub async fn relimit(
    call: &Call,
    workflow: WorkflowId,
    limit: Option<i32>,
) -> Result<(), StorageError> {
    let limited = Condition::all()
        .add(Column::WorkflowId.eq(workflow))
        .add(Column::Slot.is_not_null());
    Entity::update_many()
        .col_expr(Column::SlotLimit, Expr::value(limit.unwrap_or(i32::MAX)))
        .filter(limited.clone())
        .exec(call.db())
        .await?;
    let waiting: Vec<Option<String>> = Entity::find()
        .select_only()
        .column(Column::SlotGroup)
        .filter(limited)
        .filter(Column::Slot.eq(Slot::Wanted))
        .distinct()
        .into_tuple()
        .all(call.db())
        .await?;
    for group in waiting {
        let one = Entity::find()
            .filter(Column::WorkflowId.eq(workflow))
            .filter(Column::SlotGroup.eq(group))
            .filter(Column::Slot.eq(Slot::Wanted))
            .whole_one(call.db())
            .await?;
        if let Some(run) = one {
            admit(call, &run).await?;
        }
    }
    Ok(())
}

/// Lets those begin that wait in the group of `run`, as many as there is room for.
async fn admit(call: &Call, run: &Run) -> Result<(), StorageError> {
    let mut held = held(call, run).await?;
    while let Some(mut next) = next(call, run).await? {
        let limit = next.slot_limit.unwrap_or(i32::MAX).unsigned_abs();
        if held >= u64::from(limit) {
            break;
        }
        next.slot = Some(Slot::Held);
        next.due_at = Some(call.now());
        next.revision = call.next_position();
        let mut row = next.clone().into_active_model();
        row.slot = Set(next.slot);
        row.due_at = Set(next.due_at);
        row.revision = Set(next.revision);
        Entity::update(row).exec(call.db()).await?;
        call.publish(Change::Run(Arc::new(next)));
        held += 1;
    }
    Ok(())
}

/// The run that has waited longest in the group of `run`, with the head start that its priority gives it.
async fn next(call: &Call, run: &Run) -> Result<Option<Run>, StorageError> {
    let mut first = Vec::with_capacity(Priority::ALL.len());
    for priority in Priority::ALL {
        let oldest = of_group(run)
            .filter(Column::Slot.eq(Slot::Wanted))
            .filter(Column::Priority.eq(priority))
            // One that was cancelled is due, and about to be over.
            .filter(Column::DueAt.is_null())
            .order_by_asc(Column::Id);
        first.extend(oldest.whole_one(call.db()).await?);
    }
    Ok(first
        .into_iter()
        .min_by_key(|run| run.priority.rank(run.created_at)))
}

async fn held(call: &Call, run: &Run) -> Result<u64, StorageError> {
    let held = of_group(run).filter(Column::Slot.is_in([Slot::Held, Slot::Leaving]));
    Ok(held.count(call.db()).await?)
}

fn of_group(run: &Run) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkflowId.eq(run.workflow_id))
        .filter(Column::SlotGroup.eq(run.slot_group.clone()))
}

async fn set_slot(call: &Call, run: RunId, slot: Option<Slot>) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Slot, Expr::value(slot))
        .filter(Column::Id.eq(run))
        .exec(call.db())
        .await?;
    Ok(())
}
