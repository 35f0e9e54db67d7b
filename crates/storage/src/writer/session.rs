//! Committing batches, one after the other.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, TransactionTrait};

use super::{
    Session,
    answers::{Answers, Told},
    batch::{Batch, Tables},
    besides,
    call::Work,
    crash, duplicates,
    notice::{self, Notice},
    plan::{self, Plan},
    retry::{Patience, written_before},
    rows::Writing,
    unnest,
};
use crate::{
    Change, StorageError, Timestamp,
    changes::{Order, Touched},
    error::{is_passing, refuses_row},
    ids::{DeliveryId, RunId},
};

/// Commits batches on the writer's connection.
pub(super) struct Committer {
    session: Session,
    answers: Answers,
    /// Whether the last batch met a duplicate: then the next one looks before it writes.
    wary: bool,
    /// Whether the in-memory head may be behind the database, after a failure.
    stale: bool,
}

/// Why a batch was not written.
pub(super) enum Failure {
    /// These runs were claimed by somebody else.
    Lost(HashSet<RunId>),
    /// These deliveries were.
    LostDeliveries(HashSet<DeliveryId>),
    /// The database refuses one of the rows.
    Refused(DbErr),
    /// The database is in trouble.
    Database(DbErr),
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        if refuses_row(&error) {
            Self::Refused(error)
        } else {
            Self::Database(error)
        }
    }
}

impl Committer {
    pub fn new(session: Session, order: Order) -> Self {
        Self {
            answers: Answers::spawn(order),
            session,
            wary: false,
            stale: false,
        }
    }

    /// Commits all entries of the batch that the database accepts, and answers all callers.
    pub async fn commit(&mut self, batch: Batch) {
        let mut pending = vec![batch];
        while let Some(mut batch) = pending.pop() {
            let repeats = batch.take_repeats();
            if !repeats.is_empty() {
                self.wary = true;
                pending.push(repeats);
            }
            if batch.is_empty() {
                continue;
            }
            pending.extend(self.settle(batch).await);
        }
    }

    /// Tries until the batch is committed or fails. Returns what has to be tried by itself.
    async fn settle(&mut self, mut batch: Batch) -> Vec<Batch> {
        if std::mem::take(&mut self.wary)
            && let Err(error) = self.settle_duplicates(&mut batch).await
        {
            batch.fail(&error.into());
        }
        let mut patience = Patience::default();
        while !batch.is_empty() {
            let now = self.session.clock.now();
            let count = batch.plan(now);
            match self.write(&batch.tables(), count, now).await {
                Ok(base) => {
                    self.told(batch, base, count).await;
                    return Vec::new();
                }
                Err(Failure::Lost(lost)) => batch.settle_lost(&lost),
                Err(Failure::LostDeliveries(lost)) => batch.settle_lost_deliveries(&lost),
                Err(Failure::Refused(error)) => match self.settle_duplicates(&mut batch).await {
                    Ok(0) => return halve(batch, error),
                    Ok(_) => {}
                    Err(error) => batch.fail(&error.into()),
                },
                Err(Failure::Database(error))
                    if is_passing(&error) && patience.wait(&error).await =>
                {
                    self.stale = true;
                    // Whether the commit was still made is not known: only the answer may be lost.
                    if let Ok(Some(base)) = written_before(&self.session.db, &batch).await {
                        self.told(batch, base, count).await;
                        return Vec::new();
                    }
                }
                Err(Failure::Database(error)) => {
                    tracing::error!(%error, "a batch could not be written");
                    self.stale = true;
                    batch.fail(&error.into());
                }
            }
        }
        Vec::new()
    }

    async fn told(&mut self, batch: Batch, base: i64, count: i64) {
        let head = base + count;
        self.session.head = head;
        self.answers.tell(Told::Batch(batch, base, head)).await;
    }

    /// Answers those whose event or run is stored already. Returns how many that were.
    async fn settle_duplicates(&mut self, batch: &mut Batch) -> Result<usize, DbErr> {
        let earlier = duplicates::find(&self.session.db, &batch.samenesses()).await?;
        let settled = batch.settle_duplicates(&earlier);
        self.wary |= settled > 0;
        Ok(settled)
    }

    /// Writes the rows in one transaction. Returns the head that their positions count from.
    async fn write(
        &mut self,
        tables: &Tables<'_>,
        count: i64,
        now: Timestamp,
    ) -> Result<i64, Failure> {
        self.refresh().await?;
        if self.write_direct(tables, count, now)? {
            return Ok(self.session.head);
        }
        let db = &self.session.db;
        match &self.session.direct {
            None if tables.only_small_events() => {
                let pool = db.get_postgres_connection_pool();
                let notice = self.notice(&tables.touched());
                return Ok(unnest::append(pool, &tables.events, now, &notice).await?);
            }
            _ => {}
        }
        let transaction = db.begin().await?;
        let base = if self.session.direct.is_some() {
            let base = self.session.head;
            let head = plan::set_head(DbBackend::Sqlite, base + count);
            transaction.execute_raw(head).await?;
            base
        } else {
            let notice = self.notice(&tables.touched());
            notice::take_positions(&transaction, count, &notice).await?
        };
        match write_rows(&transaction, tables, base, now).await {
            Ok(()) => {
                crash::point(!tables.only_events(), crash::Side::Before);
                transaction.commit().await?;
                crash::point(!tables.only_events(), crash::Side::After);
                Ok(base)
            }
            Err(failure) => {
                transaction.rollback().await?;
                Err(failure)
            }
        }
    }

    /// Writes what goes without SeaORM. False when something among it does not; then nothing is written.
    fn write_direct(
        &mut self,
        tables: &Tables<'_>,
        count: i64,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let Some(direct) = &mut self.session.direct else {
            return Ok(false);
        };
        if tables.besides.iter().any(|besides| !besides.is_empty()) {
            return Ok(false);
        }
        let base = self.session.head;
        let writing = Writing::new(base);
        let mut plan = Plan::of(DbBackend::Sqlite, tables, &writing, now)?;
        if writing.is_unfinished() {
            return Ok(false);
        }
        let counts = !tables.only_events();
        // Without it, the head is found again from the events.
        if counts {
            plan.set_head(base + count);
        }
        let written = direct.commit(&plan, counts)?;
        written.check(tables)?;
        besides::note_signals(tables, &written.runs);
        Ok(true)
    }

    /// Does the rare writes in one transaction, each in a savepoint.
    pub async fn perform(&mut self, calls: Vec<Box<dyn Work>>) {
        let (transaction, base) = match self.begin_calls().await {
            Ok(started) => started,
            Err(error) => {
                for call in calls {
                    call.refuse(error.clone().into());
                }
                return;
            }
        };
        let clock = self.session.clock.clone();
        let now = clock.now();
        let mut head = base;
        let mut changes = Vec::new();
        let mut settlers = Vec::new();
        let mut calls = calls.into_iter();
        let mut outcome = Ok(());
        for call in calls.by_ref() {
            let performed = call.perform(&transaction, (&clock, now), head).await;
            head = performed.head;
            changes.extend(performed.changes);
            settlers.push(performed.settle);
            if let Some(error) = performed.broken {
                outcome = Err(error);
                break;
            }
        }
        if outcome.is_ok() {
            outcome = self.finish_calls(transaction, base, head, &changes).await;
        }
        let outcome = outcome.map_err(StorageError::from);
        match &outcome {
            Ok(()) => self.session.head = head,
            Err(error) => {
                self.stale = true;
                changes.clear();
                for call in calls {
                    call.refuse(error.clone());
                }
            }
        }
        let told = Told::Calls {
            settlers,
            changes,
            outcome,
            base,
            head: self.session.head,
        };
        self.answers.tell(told).await;
    }

    async fn begin_calls(&mut self) -> Result<(DatabaseTransaction, i64), DbErr> {
        let mut patience = Patience::default();
        loop {
            match self.try_begin_calls().await {
                Err(error) if is_passing(&error) && patience.wait(&error).await => {
                    self.stale = true;
                }
                begun => return begun,
            }
        }
    }

    async fn try_begin_calls(&mut self) -> Result<(DatabaseTransaction, i64), DbErr> {
        self.refresh().await?;
        let transaction = self.session.db.begin().await?;
        let head = match transaction.get_database_backend() {
            DbBackend::Sqlite => self.session.head,
            _ => notice::lock_head(&transaction).await?,
        };
        Ok((transaction, head))
    }

    async fn finish_calls(
        &mut self,
        transaction: DatabaseTransaction,
        base: i64,
        head: i64,
        changes: &[Change],
    ) -> Result<(), DbErr> {
        if head == base {
            return transaction.commit().await;
        }
        if transaction.get_database_backend() == DbBackend::Sqlite {
            let head = plan::set_head(DbBackend::Sqlite, head);
            transaction.execute_raw(head).await?;
        } else {
            let mut touched = Touched::default();
            for change in changes {
                touched.change(change);
            }
            notice::move_head(&transaction, base, head, &self.notice(&touched)).await?;
        }
        let counts = changes
            .iter()
            .any(|change| matches!(change, Change::Run(_) | Change::Delivery(..)));
        crash::point(counts, crash::Side::Before);
        transaction.commit().await?;
        crash::point(counts, crash::Side::After);
        Ok(())
    }

    /// Gives free pages of SQLite back to the file system, so many that nobody has to wait long.
    pub async fn shrink(&mut self) -> Result<(), StorageError> {
        /// A checkpoint that finds a reader does not wait for it: the next one does the rest.
        const SHRINK: &str = "PRAGMA incremental_vacuum(2000); PRAGMA busy_timeout = 20; \
                              PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000";
        let db = &self.session.db;
        if db.get_database_backend() == DbBackend::Sqlite {
            db.execute_unprepared(SHRINK).await?;
        }
        Ok(())
    }

    fn notice(&self, touched: &Touched) -> Notice<'_> {
        Notice::new(&self.session.node, touched)
    }

    /// Reads the head again when a failure left it in doubt.
    async fn refresh(&mut self) -> Result<(), DbErr> {
        if self.stale {
            self.session.head = crate::store::last_position(&self.session.db).await?;
            self.stale = false;
        }
        Ok(())
    }

    pub async fn close(self) {
        self.answers.close().await;
        let Session {
            db,
            direct,
            lock,
            listener,
            ..
        } = self.session;
        drop(direct);
        if let Some(listener) = listener {
            listener.stop();
        }
        if let Err(error) = db.close().await {
            tracing::warn!(%error, "closing the writer's connection failed");
        }
        drop(lock);
    }
}

/// One entry of a refused batch is bad: find it by halves.
fn halve(batch: Batch, error: DbErr) -> Vec<Batch> {
    match batch.halve() {
        Ok((first, second)) => vec![second, first],
        Err(mut single) => {
            single.fail(&error.into());
            Vec::new()
        }
    }
}

pub(super) async fn write_rows(
    db: &DatabaseTransaction,
    tables: &Tables<'_>,
    base: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let writing = Writing::new(base);
    let plan = Plan::of(db.get_database_backend(), tables, &writing, now)?;
    let written = plan.perform(db).await?;
    written.check(tables)?;
    besides::note_signals(tables, &written.runs);
    besides::write(db, tables, &writing).await?;
    writing.finish(db).await?;
    Ok(())
}
