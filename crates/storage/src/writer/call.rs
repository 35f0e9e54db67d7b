//! The rare writes: any statements, in a savepoint of their own.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use futures_util::FutureExt;
use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait};

use super::{CallFuture, unit::Answer};
use crate::{
    Change, Clock, StorageError, Timestamp,
    audit_log::{self, Audited, Origin, Record},
    ids::Id,
};

/// What a [`Writer::call`](super::Writer::call) works with.
pub struct Call {
    transaction: DatabaseTransaction,
    clock: Clock,
    now: Timestamp,
    head: AtomicI64,
    changes: Mutex<Vec<Change>>,
    /// Absent for the server's own work in no workspace, of which nothing is recorded.
    origin: Option<Origin>,
    records: Mutex<Vec<Record>>,
}

impl Call {
    /// The connection: for finders and for SeaORM's statements. Everything is undone if the call
    /// fails.
    pub fn db(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// The instant of the commit, for `created_at` and the like.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id.
    pub fn id<I: Id>(&self) -> I {
        self.clock.id()
    }

    /// The next position of the log, for the `revision` of a row that this call writes.
    pub fn next_position(&self) -> i64 {
        self.head.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Tells followers after the commit.
    pub fn publish(&self, change: Change) {
        lock(&self.changes).push(change);
    }

    /// Records in the audit log that something was made.
    pub fn created<A: Audited>(&self, after: &A) {
        self.record(Record::new("created", None, Some(after)));
    }

    /// Records that something was changed.
    pub fn updated<A: Audited>(&self, before: &A, after: &A) {
        self.did("updated", before, after);
    }

    /// Records that something was removed.
    pub fn deleted<A: Audited>(&self, before: &A) {
        self.record(Record::new("deleted", Some(before), None));
    }

    /// Records what was done to something, where there is a better word than `updated`.
    pub fn did<A: Audited>(&self, action: &'static str, before: &A, after: &A) {
        self.record(Record::new(action, Some(before), Some(after)));
    }

    /// Records that something was asked for that shows nowhere else, or begun.
    pub fn noted<A: Audited>(&self, action: &'static str, what: &A) {
        self.record(Record::new(action, None, Some(what)));
    }

    fn record(&self, record: Record) {
        if self.origin.is_some() {
            lock(&self.records).push(record);
        }
    }

    /// Writes what was recorded, all of it with one statement.
    async fn write_records(&self) -> Result<(), StorageError> {
        let records = std::mem::take(&mut *lock(&self.records));
        match &self.origin {
            Some(origin) if !records.is_empty() => {
                let time = (&self.clock, self.now);
                audit_log::write(&self.transaction, origin, records, time).await
            }
            _ => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A call whose types are hidden from the queue.
#[async_trait]
pub(super) trait Work: Send {
    /// Does the work in a savepoint of `outer`, which is committed at that instant of the clock. An error means that
    /// `outer` is of no use any more.
    async fn perform(
        self: Box<Self>,
        outer: &DatabaseTransaction,
        time: (&Clock, Timestamp),
        head: i64,
    ) -> Performed;

    /// Answers with an error without having done anything.
    fn refuse(self: Box<Self>, error: StorageError);
}

/// What a call did, to be told after the commit.
pub(super) struct Performed {
    /// The last position that it used.
    pub head: i64,
    pub changes: Vec<Change>,
    /// Answers the caller.
    pub settle: Settle,
    /// What broke the transaction around it.
    pub broken: Option<DbErr>,
}

/// Answers a caller once the fate of the transaction is known.
pub(super) type Settle = Box<dyn FnOnce(Result<(), StorageError>) + Send>;

pub(super) fn work<T, E, F>(
    origin: Option<Origin>,
    closure: F,
    answer: Answer<Result<T, E>>,
) -> Box<dyn Work>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
    F: for<'a> FnOnce(&'a Call) -> CallFuture<'a, T, E> + Send + 'static,
{
    Box::new(Closure {
        origin,
        closure,
        answer,
    })
}

struct Closure<F, T, E> {
    origin: Option<Origin>,
    closure: F,
    answer: Answer<Result<T, E>>,
}

#[async_trait]
impl<F, T, E> Work for Closure<F, T, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
    F: for<'a> FnOnce(&'a Call) -> CallFuture<'a, T, E> + Send + 'static,
{
    async fn perform(
        self: Box<Self>,
        outer: &DatabaseTransaction,
        time: (&Clock, Timestamp),
        head: i64,
    ) -> Performed {
        let Self {
            origin,
            closure,
            answer,
        } = *self;
        let transaction = match outer.begin().await {
            Ok(transaction) => transaction,
            Err(error) => return broken(head, answer, error),
        };
        let (clock, now) = time;
        let call = Call {
            transaction,
            clock: clock.clone(),
            now,
            head: AtomicI64::new(head),
            changes: Mutex::default(),
            origin,
            records: Mutex::default(),
        };
        // A defect in one caller's closure must not end the writer for all.
        let work = async {
            let done = closure(&call).await?;
            call.write_records().await?;
            Ok(done)
        };
        let result = AssertUnwindSafe(work)
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(StorageError::Panicked.into()));
        let Call {
            transaction,
            head: used,
            changes,
            ..
        } = call;
        let ended = match &result {
            Ok(_) => transaction.commit().await,
            Err(_) => transaction.rollback().await,
        };
        if let Err(error) = ended {
            return broken(head, answer, error);
        }
        let done = result.is_ok();
        Performed {
            head: if done { used.into_inner() } else { head },
            changes: if done {
                changes
                    .into_inner()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
            } else {
                Vec::new()
            },
            settle: Box::new(move |committed| {
                // A caller that no longer waits has no use for the answer.
                let _ = answer
                    .send(result.and_then(|value| committed.map(|()| value).map_err(E::from)));
            }),
            broken: None,
        }
    }

    fn refuse(self: Box<Self>, error: StorageError) {
        let _ = self.answer.send(Err(error.into()));
    }
}

fn broken<T, E>(head: i64, answer: Answer<Result<T, E>>, error: DbErr) -> Performed
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let told = StorageError::Database(error.clone());
    Performed {
        head,
        changes: Vec::new(),
        settle: Box::new(move |_| {
            let _ = answer.send(Err(told.into()));
        }),
        broken: Some(error),
    }
}
