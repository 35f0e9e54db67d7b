use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{CaseStatement, Expr, ExprTrait},
};

use super::{Column, Entity, Run, RunStatus};
use crate::{Timestamp, ids::RunId, payload::unpack};

/// Tells a run that something happened to it: one that waits, also for a slot, is due at once, a worker that has it learns
/// of it with the next thing that it writes. Returns the run as it is now; `None` when it is over or there is none.
pub(crate) async fn signal<C: ConnectionTrait>(
    db: &C,
    run: RunId,
    revision: i64,
    now: Timestamp,
) -> Result<Option<Run>, DbErr> {
    let queued = Expr::col(Column::Status).eq(RunStatus::Queued);
    let waits = Expr::col(Column::Status)
        .eq(RunStatus::Waiting)
        .or(queued.and(Expr::col(Column::DueAt).is_null()));
    let due: CaseStatement = CaseStatement::new()
        .case(waits, Expr::value(now))
        .finally(Expr::col(Column::DueAt));
    let over = RunStatus::ALL.iter().filter(|status| status.is_finished());
    let mut updated = Entity::update_many()
        .col_expr(Column::Signal, Expr::col(Column::Signal).add(1))
        .col_expr(Column::DueAt, due.into())
        .col_expr(Column::Revision, Expr::value(revision))
        .filter(Column::Id.eq(run))
        .filter(Column::Status.is_not_in(over.copied()))
        .exec_with_returning(db)
        .await?;
    unpack(db, &mut updated).await?;
    Ok(updated.into_iter().next())
}
