//! Telling callers and followers, while the next batch is being written.
//!
//! Waking hundreds of callers costs about as much as half a commit. A task of its own does it, so
//! that the database is never idle; one task, so that followers see batches in order.

use tokio::{sync::mpsc, task::JoinHandle};

use super::{batch::Batch, call::Settle};
use crate::{Change, StorageError, changes::Order};

/// How many committed batches may wait to be told.
const WAITING: usize = 4;

/// Something that was committed, or calls that were not.
pub(super) enum Told {
    /// Rows, with positions counted from a base up to a head.
    Batch(Batch, i64, i64),
    /// Rare writes between two positions, with what became of their transaction.
    Calls {
        settlers: Vec<Settle>,
        changes: Vec<Change>,
        outcome: Result<(), StorageError>,
        base: i64,
        head: i64,
    },
}

/// The way to the task.
pub(super) struct Answers {
    queue: mpsc::Sender<Told>,
    task: JoinHandle<()>,
}

impl Answers {
    pub fn spawn(order: Order) -> Self {
        let (queue, told) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(told, order));
        Self { queue, task }
    }

    /// Passes on what has to be told. The callers of a batch that cannot be told any more, because
    /// the runtime is stopping, see their answers dropped.
    pub async fn tell(&self, told: Told) {
        let _ = self.queue.send(told).await;
    }

    /// Waits until everything is told.
    pub async fn close(self) {
        drop(self.queue);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the task that answers writers failed");
        }
    }
}

async fn run(mut queue: mpsc::Receiver<Told>, mut order: Order) {
    loop {
        let told = tokio::select! {
            told = queue.recv() => told,
            () = order.hear() => continue,
        };
        match told {
            None => return,
            Some(Told::Batch(batch, base, head)) => {
                let changes = batch.settle(base, order.is_followed());
                order.here(base, head, changes).await;
            }
            Some(Told::Calls {
                settlers,
                changes,
                outcome,
                base,
                head,
            }) => {
                order.note(&changes);
                for settle in settlers {
                    settle(outcome.clone());
                }
                order.here(base, head, changes).await;
            }
        }
    }
}
