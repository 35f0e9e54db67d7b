//! Claiming runs: a lease and a fencing number.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

use super::Call;
use crate::{
    Change, StorageError,
    ids::RunId,
    run::{Column, Entity, Run, RunStatus},
};

/// Who claims, for how long, and how many runs at most.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The name of the process.
    pub owner: String,
    /// How long nobody else may claim the runs.
    pub lease: Duration,
    /// The most runs to claim at once.
    pub limit: u64,
}

/// Claims what is due, the longest waiting first.
pub(super) async fn claim(call: &Call, claim: &Claim) -> Result<Vec<Run>, StorageError> {
    let mut due = Entity::find()
        .filter(Column::DueAt.lte(call.now()))
        .order_by_asc(Column::DueAt)
        .limit(claim.limit);
    if call.db().get_database_backend() == DbBackend::Postgres {
        due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let mut runs = due.all(call.db()).await?;
    for run in &mut runs {
        if run.status == RunStatus::Running {
            run.recoveries += 1;
        }
        run.status = RunStatus::Running;
        run.lease_owner = Some(claim.owner.clone());
        run.due_at = Some(call.now().after(claim.lease));
        run.started_at = run.started_at.or(Some(call.now()));
        run.fence += 1;
        run.revision = call.next_position();
    }
    super::statement::update_claimed(call.db(), &runs).await?;
    for run in &runs {
        call.publish(Change::Run(std::sync::Arc::new(run.clone())));
    }
    Ok(runs)
}

/// Moves the end of leases. A lease is nobody's business but the engines', so the revision stays.
pub(super) async fn renew(
    call: &Call,
    claim: &Claim,
    runs: &[(RunId, i64)],
) -> Result<Vec<RunId>, StorageError> {
    let mut held = Vec::with_capacity(runs.len());
    for (id, fence) in runs {
        let updated = Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(call.now().after(claim.lease)))
            .filter(Column::Id.eq(*id))
            .filter(Column::Fence.eq(*fence))
            .filter(Column::Status.eq(RunStatus::Running))
            .exec(call.db())
            .await?;
        if updated.rows_affected > 0 {
            held.push(*id);
        }
    }
    Ok(held)
}
