use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::access::{ManageKeys, Permit};
use jackfield_storage::api_key::{self, ApiKey};
use jackfield_storage::ids::{ApiKeyId, WorkspaceId};
use jackfield_storage::{StorageError, Store};
use parking_lot::RwLock;

/// By what a key is looked up.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// Its SHA-256.
    Hash(Vec<u8>),
    /// Its id, in its workspace.
    Id(WorkspaceId, ApiKeyId),
}

/// Keeps the API keys that are in use, so that a request costs no query. A key that is revoked, here or on another node, is
/// read again with the next request after that is known here.
pub struct KnownKeys {
    store: Store,
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    /// How often keys had changed when these were read.
    changes: u64,
    keys: HashMap<Wanted, Arc<ApiKey>>,
}

impl KnownKeys {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            kept: RwLock::default(),
        }
    }

    /// The key, if there is one. What is not there is looked for each time.
    pub async fn find(&self, wanted: Wanted) -> Result<Option<Arc<ApiKey>>, StorageError> {
        let changes = self.store.api_key_changes();
        if let Some(key) = self.kept.read().find(changes, &wanted) {
            return Ok(Some(key));
        }
        let found = self.read(&wanted).await?.map(Arc::new);
        if let Some(key) = &found {
            self.kept.write().keep(changes, wanted, key.clone());
        }
        Ok(found)
    }

    async fn read(&self, wanted: &Wanted) -> Result<Option<ApiKey>, StorageError> {
        let db = self.store.reader();
        match wanted {
            Wanted::Hash(hash) => api_key::find_by_hash(db, hash).await,
            Wanted::Id(workspace, id) => {
                let permit = Permit::<ManageKeys>::system(*workspace, "auth");
                api_key::find(db, &permit, *id).await
            }
        }
    }
}

impl Kept {
    fn find(&self, changes: u64, wanted: &Wanted) -> Option<Arc<ApiKey>> {
        let current = self.changes == changes;
        self.keys.get(wanted).filter(|_| current).cloned()
    }

    fn keep(&mut self, changes: u64, wanted: Wanted, key: Arc<ApiKey>) {
        if self.changes < changes {
            self.changes = changes;
            self.keys.clear();
        }
        // Somebody else may have read what is newer.
        if self.changes == changes {
            self.keys.insert(wanted, key);
        }
    }
}
