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
use crate::{Change, Clock, StorageError, Timestamp, ids::Id};

/// What a [`Writer::call`](super::Writer::call) works with.
pub struct Call {
    transaction: DatabaseTransaction,
    clock: Clock,
    now: Timestamp,
    head: AtomicI64,
    changes: Mutex<Vec<Change>>,
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
        self.lock().push(change);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Change>> {
        self.changes
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
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

pub(super) fn work<T, E, F>(closure: F, answer: Answer<Result<T, E>>) -> Box<dyn Work>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
    F: for<'a> FnOnce(&'a Call) -> CallFuture<'a, T, E> + Send + 'static,
{
    Box::new(Closure { closure, answer })
}

struct Closure<F, T, E> {
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
        let Self { closure, answer } = *self;
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
        };
        // A defect in one caller's closure must not end the writer for all.
        let result = AssertUnwindSafe(async { closure(&call).await })
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
