use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::Arc;

use async_graphql::{Error, Result};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

type Fetch<K, V> = Box<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>>> + Send + Sync>;

/// Gathers the keys that the siblings of a list ask for and fetches them with one statement.
///
/// The siblings are polled one after the other before any of them is polled again; so giving way once is enough to
/// have them all, and no time is spent waiting as a loader with a delay does.
pub struct Batch<K, V> {
    fetch: Fetch<K, V>,
    open: Mutex<Arc<Gathering<K, V>>>,
}

struct Gathering<K, V> {
    keys: Mutex<Vec<K>>,
    found: OnceCell<Result<HashMap<K, V>>>,
}

impl<K, V> Default for Gathering<K, V> {
    fn default() -> Self {
        Self {
            keys: Mutex::default(),
            found: OnceCell::new(),
        }
    }
}

impl<K: Hash + Eq + Clone + Send + Sync, V: Clone + Send + Sync> Batch<K, V> {
    /// A loader that fetches many keys at once.
    pub fn new(
        fetch: impl Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            fetch: Box::new(fetch),
            open: Mutex::default(),
        }
    }

    /// The value of one key, fetched together with those that siblings ask for.
    ///
    /// # Errors
    ///
    /// What the fetch failed with, the same for all that were gathered.
    pub async fn load(&self, key: K) -> Result<Option<V>> {
        let gathering = self.join(key.clone());
        tokio::task::yield_now().await;
        let found = gathering
            .found
            .get_or_init(|| self.close_and_fetch(&gathering))
            .await;
        found
            .as_ref()
            .map(|values| values.get(&key).cloned())
            .map_err(Error::clone)
    }

    fn join(&self, key: K) -> Arc<Gathering<K, V>> {
        let open = self.open.lock();
        open.keys.lock().push(key);
        open.clone()
    }

    async fn close_and_fetch(&self, gathering: &Arc<Gathering<K, V>>) -> Result<HashMap<K, V>> {
        {
            let mut open = self.open.lock();
            if Arc::ptr_eq(&open, gathering) {
                mem::take(&mut *open);
            }
        }
        let mut keys = gathering.keys.lock().clone();
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        (self.fetch)(keys).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn siblings_are_fetched_together_and_once() {
        let fetches = Arc::new(AtomicUsize::new(0));
        let counter = fetches.clone();
        let batch = Batch::new(move |keys: Vec<u32>| {
            counter.fetch_add(1, Ordering::SeqCst);
            let values = keys
                .into_iter()
                .filter(|key| *key != 7)
                .map(|key| (key, key * 10))
                .collect();
            Box::pin(async move { Ok(values) })
        });
        let loaded = join_all((0..100).map(|n| batch.load(n % 10))).await;
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
        assert_eq!(loaded[3].as_ref().unwrap(), &Some(30));
        assert_eq!(loaded[7].as_ref().unwrap(), &None);
    }
}
