use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use jackfield_storage::{StorageError, Store};
use parking_lot::RwLock;
use tokio::sync::OnceCell;

/// Keeps what callers are known by and is in use, so that a request costs no query. What is changed or ended, here or on
/// another node, is read again with the next request after that is known here.
pub struct Known<K, V> {
    store: Store,
    kept: RwLock<Kept<K, V>>,
}

struct Kept<K, V> {
    /// How often something had changed when these were read.
    changes: u64,
    values: HashMap<K, Arc<OnceCell<Arc<V>>>>,
}

/// Why there is nothing to keep.
enum Nothing {
    Missing,
    Failed(StorageError),
}

impl<K: Clone + Eq + Hash, V> Known<K, V> {
    pub fn new(store: Store) -> Self {
        let kept = Kept {
            changes: 0,
            values: HashMap::new(),
        };
        Self {
            store,
            kept: RwLock::new(kept),
        }
    }

    /// What is wanted, if there is such a thing; those who want it at the same time read it once. What is not there is looked
    /// for each time.
    pub async fn find<F>(&self, wanted: K, read: F) -> Result<Option<Arc<V>>, StorageError>
    where
        F: AsyncFnOnce(Store, K) -> Result<Option<V>, StorageError>,
    {
        let changes = *self.store.access_changes().borrow();
        let known = self.kept.read().find(changes, &wanted);
        let cell = match known {
            Some(cell) => cell,
            None => self.kept.write().reserve(changes, wanted.clone()),
        };
        let (store, key) = (self.store.clone(), wanted.clone());
        let found = cell.get_or_try_init(|| async move {
            match read(store, key).await {
                Ok(Some(value)) => Ok(Arc::new(value)),
                Ok(None) => Err(Nothing::Missing),
                Err(error) => Err(Nothing::Failed(error)),
            }
        });
        match found.await {
            Ok(value) => Ok(Some(value.clone())),
            Err(nothing) => {
                self.kept.write().forget(changes, &wanted);
                match nothing {
                    Nothing::Missing => Ok(None),
                    Nothing::Failed(error) => Err(error),
                }
            }
        }
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    fn find(&self, changes: u64, wanted: &K) -> Option<Arc<OnceCell<Arc<V>>>> {
        let current = self.changes == changes;
        self.values.get(wanted).filter(|_| current).cloned()
    }

    /// The place for what is wanted. It is not kept if somebody else has seen a later change.
    fn reserve(&mut self, changes: u64, wanted: K) -> Arc<OnceCell<Arc<V>>> {
        if self.changes < changes {
            self.changes = changes;
            self.values.clear();
        }
        match self.changes == changes {
            true => self.values.entry(wanted).or_default().clone(),
            false => Arc::default(),
        }
    }

    fn forget(&mut self, changes: u64, wanted: &K) {
        if self.changes == changes
            && self
                .values
                .get(wanted)
                .is_some_and(|cell| !cell.initialized())
        {
            self.values.remove(wanted);
        }
    }
}
