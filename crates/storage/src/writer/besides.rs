//! What a run rarely writes together with its steps.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};

use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};

use super::{
    batch::Tables,
    rows::{RUNS, TURNS, Writing},
    unit::{NewRun, Placed},
};
use crate::{
    Change, Timestamp,
    changes::Touched,
    event_wait::{self, EventWait},
    ids::{RunId, SignalId, StepId, WorkspaceId},
    run::{self, Run},
    signal::{self, Signal},
    turn::{self, StepTurn},
};

/// Rows that most advances do not have.
#[derive(Debug, Default)]
pub struct Besides {
    /// Runs that this run starts.
    pub runs: Vec<NewRun>,
    /// Messages to other runs.
    pub signals: Vec<Signal>,
    /// Other runs that are to look at what this one has come to.
    pub wake: Vec<RunId>,
    /// Messages that this run has acted on.
    pub consumed: Vec<SignalId>,
    /// Waits for events that are new or have looked further.
    pub event_waits: Vec<EventWait>,
    /// Steps that wait no longer for an event.
    pub unwait: Vec<StepId>,
    /// What plugins were told while they execute a step.
    pub turns: Vec<StepTurn>,
    /// Steps whose turns are of no use any more.
    pub forget: Vec<StepId>,
    /// What the writer fills in; [`Default`] until then.
    pub planned: Planned,
}

/// What the writer fills in.
#[derive(Debug)]
pub struct Planned {
    runs: Vec<Run>,
    /// The position of each run that is woken or gets a message.
    positions: Vec<i64>,
    woken: OnceLock<Vec<Run>>,
    now: Timestamp,
    /// How often something happened to the run itself, as the database has it.
    signal: AtomicI64,
}

impl Default for Planned {
    fn default() -> Self {
        Self {
            runs: Vec::new(),
            positions: Vec::new(),
            woken: OnceLock::new(),
            now: Timestamp::EPOCH,
            signal: AtomicI64::new(0),
        }
    }
}

impl Clone for Besides {
    /// A copy that was not written yet.
    fn clone(&self) -> Self {
        Self {
            runs: self.runs.clone(),
            signals: self.signals.clone(),
            wake: self.wake.clone(),
            consumed: self.consumed.clone(),
            event_waits: self.event_waits.clone(),
            unwait: self.unwait.clone(),
            turns: self.turns.clone(),
            forget: self.forget.clone(),
            planned: Planned::default(),
        }
    }
}

impl Besides {
    pub(super) fn plan(
        &mut self,
        workspace: WorkspaceId,
        now: Timestamp,
        next: &mut impl FnMut() -> i64,
    ) {
        let row = |run: &NewRun| {
            let mut row = run.clone().into_row(Placed::in_workspace(workspace));
            row.created_at = now;
            row.due_at = Some(now);
            row
        };
        self.planned = Planned {
            runs: self.runs.iter().map(row).collect(),
            positions: self.woken().iter().map(|_| next()).collect(),
            now,
            ..Planned::default()
        };
        for run in &mut self.planned.runs {
            run.revision = next();
        }
    }

    /// What followers are told, with positions counted from `base`.
    pub(super) fn changes(&self, base: i64) -> impl Iterator<Item = Change> {
        let started = self.planned.runs.iter().map(move |run| Run {
            revision: run.revision + base,
            ..run.clone()
        });
        let woken = self.planned.woken.get().into_iter().flatten().cloned();
        let rows: Vec<Run> = woken.chain(started).collect();
        rows.into_iter().map(|run| Change::Run(Arc::new(run)))
    }

    /// What other nodes are told of it.
    pub(super) fn touched(&self, touched: &mut Touched) {
        for run in &self.planned.runs {
            touched.run(run);
        }
        for run in self.woken() {
            touched.woken(run);
        }
    }

    /// How often something happened to the run.
    pub(super) fn signal(&self) -> i64 {
        self.planned.signal.load(Ordering::Acquire)
    }

    fn woken(&self) -> Vec<RunId> {
        let told = self.signals.iter().map(|signal| signal.run_id);
        told.chain(self.wake.iter().copied()).collect()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let Self {
            runs,
            signals,
            wake,
            consumed,
            event_waits,
            unwait,
            turns,
            forget,
            planned: _,
        } = self;
        runs.is_empty()
            && signals.is_empty()
            && wake.is_empty()
            && consumed.is_empty()
            && event_waits.is_empty()
            && unwait.is_empty()
            && turns.is_empty()
            && forget.is_empty()
    }
}

/// Notes what the database knows of the signals of the advanced runs.
pub(super) fn note_signals(tables: &Tables<'_>, written: &[(RunId, i64)]) {
    let known: HashMap<RunId, i64> = written.iter().copied().collect();
    for (run, besides) in tables.advanced.iter().zip(&tables.besides) {
        let signal = known.get(&run.id).copied().unwrap_or(run.signal);
        besides.planned.signal.store(signal, Ordering::Release);
    }
}

/// Writes what advances have besides their runs and steps.
pub(super) async fn write(
    db: &DatabaseTransaction,
    tables: &Tables<'_>,
    writing: &Writing,
) -> Result<(), DbErr> {
    let some: Vec<&Besides> = tables
        .besides
        .iter()
        .copied()
        .filter(|besides| !besides.is_empty())
        .collect();
    if some.is_empty() {
        return Ok(());
    }
    for besides in &some {
        delete(db, besides).await?;
    }
    let turns: Vec<&StepTurn> = some.iter().flat_map(|besides| &besides.turns).collect();
    TURNS.execute(db, &turns, writing).await?;
    let runs: Vec<&Run> = some
        .iter()
        .flat_map(|besides| &besides.planned.runs)
        .collect();
    RUNS.execute(db, &runs, writing).await?;
    for besides in some {
        write_one(db, besides, writing.base).await?;
    }
    Ok(())
}

async fn write_one(db: &DatabaseTransaction, besides: &Besides, base: i64) -> Result<(), DbErr> {
    for signal in &besides.signals {
        signal::Entity::insert(signal.clone().into_active_model())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
    }
    for wait in &besides.event_waits {
        let looked = OnConflict::column(event_wait::Column::StepId)
            .update_column(event_wait::Column::Since)
            .to_owned();
        event_wait::Entity::insert(wait.clone().into_active_model())
            .on_conflict(looked)
            .exec_without_returning(db)
            .await?;
    }
    let mut woken = Vec::new();
    for (run, position) in besides.woken().into_iter().zip(&besides.planned.positions) {
        woken.extend(run::signal(db, run, base + position, besides.planned.now).await?);
    }
    // A batch that is tried again was planned anew, so nothing is in it yet.
    let _ = besides.planned.woken.set(woken);
    Ok(())
}

async fn delete(db: &DatabaseTransaction, besides: &Besides) -> Result<(), DbErr> {
    if !besides.consumed.is_empty() {
        let consumed = signal::Column::Id.is_in(besides.consumed.iter().copied());
        signal::Entity::delete_many()
            .filter(consumed)
            .exec(db)
            .await?;
    }
    if !besides.unwait.is_empty() {
        let over = event_wait::Column::StepId.is_in(besides.unwait.iter().copied());
        event_wait::Entity::delete_many()
            .filter(over)
            .exec(db)
            .await?;
    }
    if !besides.forget.is_empty() {
        let over = turn::Column::StepId.is_in(besides.forget.iter().copied());
        turn::Entity::delete_many().filter(over).exec(db).await?;
    }
    Ok(())
}
