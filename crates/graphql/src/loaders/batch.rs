use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::mem;
use std::sync::{Arc, OnceLock};

use async_graphql::Result;
use futures_util::future::{BoxFuture, Shared};
use futures_util::{FutureExt, TryFutureExt};
use parking_lot::Mutex;

type Fetch<K, V> = Arc<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>>> + Send + Sync>;
type Fetched<K, V> = Shared<BoxFuture<'static, Result<Arc<HashMap<K, V>>>>>;

/// Gathers the keys that the siblings of a list ask for and fetches them with one statement.
///
/// The siblings are polled one after the other before any of them is polled again; so giving way once is enough to
/// have them all, and no time is spent waiting as a loader with a delay does. That takes a future that all of them go on
/// from at once: tokio's own cells count against what a task may do before it gives way, so some siblings of a long list
/// would come a turn later than the others, with a statement of their own.
#[derive(Clone)]
pub struct Batch<K, V> {
    fetch: Fetch<K, V>,
    open: Arc<Mutex<Arc<Gathering<K, V>>>>,
}

struct Gathering<K, V> {
    keys: Mutex<Vec<K>>,
    fetched: OnceLock<Fetched<K, V>>,
}

impl<K, V> Default for Gathering<K, V> {
    fn default() -> Self {
        Self {
            keys: Mutex::default(),
            fetched: OnceLock::new(),
        }
    }
}

impl<K, V> Batch<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A loader that fetches many keys at once.
    pub fn new(
        fetch: impl Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            fetch: Arc::new(fetch),
            open: Arc::default(),
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
        let fetched = gathering.fetched.get_or_init(|| self.close(&gathering));
        let values = fetched.clone().await?;
        Ok(values.get(&key).cloned())
    }

    fn join(&self, key: K) -> Arc<Gathering<K, V>> {
        let open = self.open.lock();
        open.keys.lock().push(key);
        open.clone()
    }

    fn close(&self, gathering: &Arc<Gathering<K, V>>) -> Fetched<K, V> {
        {
            let mut open = self.open.lock();
            if Arc::ptr_eq(&open, gathering) {
                mem::take(&mut *open);
            }
        }
        let mut keys = mem::take(&mut *gathering.keys.lock());
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        (self.fetch)(keys).map_ok(Arc::new).boxed().shared()
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

    /// More of them than a task of tokio's may go on with before it gives way.
    #[tokio::test]
    async fn many_siblings_go_on_together() {
        let fetches = Arc::new(AtomicUsize::new(0));
        let counter = fetches.clone();
        let batch = Batch::new(move |keys: Vec<u32>| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                Ok(keys.into_iter().map(|key| (key, key + 1)).collect())
            }
            .boxed()
        });
        let follow = async |first| {
            let mut key = first;
            for _ in 0..3 {
                key = batch.load(key).await.unwrap().unwrap();
            }
            key
        };
        let found = join_all((0..1_000).map(follow)).await;
        assert_eq!(found[999], 1_002);
        assert_eq!(fetches.load(Ordering::SeqCst), 3);
    }
}
