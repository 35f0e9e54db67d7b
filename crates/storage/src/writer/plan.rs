//! What a transaction writes, made of its rows before it begins: the same for every connection that performs it.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};

use super::{
    batch::Tables,
    deliveries,
    rows::{BLOBS, EVENTS, RUNS, STEPS, USES, Writing},
    session::Failure,
    statement::{self, statement},
};
use crate::{
    Timestamp,
    ids::{DeliveryId, RunId},
};

/// The statements of a transaction.
#[derive(Default)]
pub(super) struct Plan {
    /// Move runs on, each if its fence is the expected one.
    pub runs: Fenced,
    /// Move deliveries on, likewise.
    pub deliveries: Fenced,
    /// Write the rest, in order.
    pub rows: Vec<Statement>,
}

/// Statements that return what they wrote.
#[derive(Default)]
pub(super) struct Fenced {
    pub statements: Vec<Statement>,
    /// How many rows they write if nobody else has claimed any of them. With fewer, nothing of the transaction counts.
    pub rows: usize,
}

/// What the fenced statements of a plan wrote.
#[derive(Default)]
pub(super) struct Written {
    /// With how often something from outside happened to each.
    pub runs: Vec<(RunId, i64)>,
    pub deliveries: Vec<DeliveryId>,
}

impl Plan {
    /// The plan that writes `tables`. Documents that are too large for their rows are left in `writing`.
    pub fn of(
        backend: DbBackend,
        tables: &Tables<'_>,
        writing: &Writing,
        now: Timestamp,
    ) -> Result<Self, DbErr> {
        let mut plan = Self {
            runs: statement::update_runs(backend, &tables.advanced, writing)?,
            ..Self::default()
        };
        deliveries::plan(&mut plan, backend, tables, writing, now)?;
        let rows = &mut plan.rows;
        rows.extend(EVENTS.statements(backend, &tables.events, writing)?);
        rows.extend(RUNS.statements(backend, &tables.runs, writing)?);
        rows.extend(STEPS.statements(backend, &tables.steps, writing)?);
        rows.extend(BLOBS.statements(backend, &tables.blobs, writing)?);
        rows.extend(USES.statements(backend, &tables.uses, writing)?);
        Ok(plan)
    }

    /// Also moves the head of SQLite's log.
    pub fn set_head(&mut self, head: i64) {
        self.rows.push(set_head(DbBackend::Sqlite, head));
    }

    /// Performs it, up to the first fence that is not the expected one.
    pub async fn perform(self, db: &DatabaseTransaction) -> Result<Written, DbErr> {
        let mut written = Written::default();
        for statement in self.runs.statements {
            for row in db.query_all_raw(statement).await? {
                written.runs.push((row.try_get_by(0)?, row.try_get_by(1)?));
            }
        }
        for statement in self.deliveries.statements {
            for row in db.query_all_raw(statement).await? {
                written.deliveries.push(row.try_get_by(0)?);
            }
        }
        if written.runs.len() < self.runs.rows || written.deliveries.len() < self.deliveries.rows {
            return Ok(written);
        }
        for statement in self.rows {
            db.execute_raw(statement).await?;
        }
        Ok(written)
    }
}

impl Written {
    /// Whether all of `tables` was written that has a fence; otherwise the failure names the rest.
    pub fn check(&self, tables: &Tables<'_>) -> Result<(), Failure> {
        if self.runs.len() < tables.advanced.len() {
            let mut lost: HashSet<RunId> = tables.advanced.iter().map(|run| run.id).collect();
            for (id, _) in &self.runs {
                lost.remove(id);
            }
            return Err(Failure::Lost(lost));
        }
        if self.deliveries.len() < tables.attempted.len() {
            let attempted = tables.attempted.iter().map(|done| done.delivery.id);
            let mut lost: HashSet<DeliveryId> = attempted.collect();
            for id in &self.deliveries {
                lost.remove(id);
            }
            return Err(Failure::LostDeliveries(lost));
        }
        Ok(())
    }
}

/// Moves the log's head.
pub(super) fn set_head(backend: DbBackend, head: i64) -> Statement {
    let sql = "UPDATE log_heads SET position = $1 WHERE id = 1";
    statement(backend, sql, vec![head.into()])
}
