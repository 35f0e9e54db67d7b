//! Claiming runs: a lease and a fencing number.

use std::{sync::LazyLock, time::Duration};

use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Call, statement::statement};
use crate::{
    Change, StorageError,
    ids::RunId,
    payload::unpack,
    run::{Column, Entity, Priority, Run, RunStatus},
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

/// What is due, those first that have waited longest, each priority with its head start. A statement of one part per
/// priority: the index answers each part in order, so that the cost does not grow with what is queued.
fn due(backend: DbBackend) -> String {
    let parts = Priority::ALL.map(|priority| {
        let priority = priority as u16;
        let behind = Priority::HEAD_START.as_micros() * u128::from(priority);
        format!(
            "SELECT id, due_at + {behind} AS place FROM (SELECT id, due_at FROM runs \
             WHERE priority = {priority} AND due_at <= $1 ORDER BY due_at LIMIT $2) AS due{priority}"
        )
    });
    let lock = match backend {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    format!(
        "SELECT * FROM runs WHERE id IN (SELECT id FROM ({}) AS due ORDER BY place LIMIT $2){lock}",
        parts.join(" UNION ALL ")
    )
}

/// Claims what is due.
pub(super) async fn claim(call: &Call, claim: &Claim) -> Result<Vec<Run>, StorageError> {
    static TEXTS: [LazyLock<String>; 2] = [
        LazyLock::new(|| due(DbBackend::Sqlite)),
        LazyLock::new(|| due(DbBackend::Postgres)),
    ];
    let backend = call.db().get_database_backend();
    let text = &TEXTS[usize::from(backend == DbBackend::Postgres)];
    let limit = i64::try_from(claim.limit).unwrap_or(i64::MAX);
    let due = statement(
        backend,
        text.as_str(),
        vec![call.now().into(), limit.into()],
    );
    let mut runs = Entity::find().from_raw_sql(due).all(call.db()).await?;
    unpack(call.db(), &mut runs).await?;
    runs.sort_by_key(|run| (run.due_at.map(|due| run.priority.rank(due)), run.id));
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
