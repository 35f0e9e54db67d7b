use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_storage::access::{ManageKeys, Permit};
use jackfield_storage::ids::{ApiKeyId, WorkspaceId};
use jackfield_storage::{StorageError, Store, Timestamp, api_key};
use parking_lot::Mutex;

/// How often uses are written. They are for people who look whether a key is still needed.
const INTERVAL: Duration = Duration::from_secs(30);

type Pending = Arc<Mutex<HashMap<ApiKeyId, (WorkspaceId, Timestamp)>>>;

/// Gathers when keys were used and writes it now and then, so that reading costs no write.
pub struct Usage {
    pending: Pending,
    task: tokio::task::JoinHandle<()>,
}

impl Usage {
    /// Starts to write. Stops when it is dropped.
    pub fn start(store: Store) -> Self {
        let pending = Pending::default();
        let gathered = pending.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(INTERVAL).await;
                let uses = std::mem::take(&mut *gathered.lock());
                write(&store, uses).await;
            }
        });
        Self { pending, task }
    }

    /// Notes that a key was used.
    pub fn note(&self, workspace: WorkspaceId, key: ApiKeyId, now: Timestamp) {
        self.pending.lock().insert(key, (workspace, now));
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn write(store: &Store, uses: HashMap<ApiKeyId, (WorkspaceId, Timestamp)>) {
    for (key, (workspace, at)) in uses {
        let permit = Permit::<ManageKeys>::system(workspace, "auth");
        let written: Result<(), StorageError> = store
            .writer()
            .call(&permit, move |call| {
                Box::pin(async move { api_key::touch(call.db(), key, at).await })
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "the last use of an API key cannot be written");
        }
    }
}
