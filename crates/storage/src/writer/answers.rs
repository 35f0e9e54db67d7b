//! Telling callers and followers, while the next batch is being written.
//!
//! Waking hundreds of callers costs about as much as half a commit. A task of its own does it, so
//! that the database is never idle; one task, so that followers see batches in order.

use std::sync::Arc;

use tokio::{
    sync::{broadcast, mpsc},
    task::JoinHandle,
};

use super::{batch::Batch, call::Settle};
use crate::{Change, StorageError};

/// How many committed batches may wait to be told.
const WAITING: usize = 4;

/// Something that was committed, or calls that were not.
pub(super) enum Told {
    /// Rows, with positions counted from a base.
    Batch(Batch, i64),
    /// Rare writes, with what became of their transaction.
    Calls {
        settlers: Vec<Settle>,
        changes: Vec<Change>,
        outcome: Result<(), StorageError>,
    },
}

/// The way to the task.
pub(super) struct Answers {
    queue: mpsc::Sender<Told>,
    task: JoinHandle<()>,
}

impl Answers {
    pub fn spawn(followers: broadcast::Sender<Arc<[Change]>>) -> Self {
        let (queue, told) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(told, followers));
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

async fn run(mut told: mpsc::Receiver<Told>, followers: broadcast::Sender<Arc<[Change]>>) {
    while let Some(told) = told.recv().await {
        let changes = match told {
            Told::Batch(batch, base) => batch.settle(base, followers.receiver_count() > 0),
            Told::Calls {
                settlers,
                changes,
                outcome,
            } => {
                for settle in settlers {
                    settle(outcome.clone());
                }
                changes
            }
        };
        if !changes.is_empty() {
            // Fails when nobody follows: fine.
            let _ = followers.send(changes.into());
        }
    }
}
