//! Loaders of what storage finds.

use std::collections::HashMap;
use std::hash::Hash;

/// Makes a loader of a finder, of the columns that it can do without if it takes any, and of the key in each row that it finds.
macro_rules! loader {
    ($store:ident, $permit:ident, $finder:path, $without:expr, $collect:expr) => {{
        let (store, permit) = ($store.clone(), $permit.clone());
        let without = Arc::new($without);
        Batch::new(move |keys| {
            let (store, permit, without) = (store.clone(), permit.clone(), without.clone());
            async move {
                let rows = $finder(store.reader(), &permit, &keys, &without)
                    .await
                    .map_err(internal)?;
                Ok($collect(rows))
            }
            .boxed()
        })
    }};
    ($store:ident, $permit:ident, $finder:path, $collect:expr) => {{
        let (store, permit) = ($store.clone(), $permit.clone());
        Batch::new(move |keys| {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                let rows = $finder(store.reader(), &permit, &keys)
                    .await
                    .map_err(internal)?;
                Ok($collect(rows))
            }
            .boxed()
        })
    }};
}

/// Makes a loader of a finder that answers in the order of the keys.
macro_rules! in_order {
    ($store:ident, $permit:ident, $finder:expr) => {{
        let (store, permit) = ($store.clone(), $permit.clone());
        Batch::new(move |keys: Vec<_>| {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                let found = $finder(store.reader(), &permit, &keys).await;
                Ok(keys.into_iter().zip(found.map_err(internal)?).collect())
            }
            .boxed()
        })
    }};
}

/// Makes the loaders of lists of what finds their pages and what counts them.
macro_rules! lists {
    ($store:ident, $permit:ident, $pages:path, $counts:path) => {
        Lists::new(
            in_order!($store, $permit, $pages),
            in_order!($store, $permit, $counts),
        )
    };
}

/// Makes a loader of what finds the health of many things since an instant.
macro_rules! health {
    ($store:ident, $permit:ident, $finder:path) => {{
        let (store, permit) = ($store.clone(), $permit.clone());
        Batch::new(move |keys: Vec<(_, SignedDuration)>| {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                let mut healths = HashMap::new();
                let windows = group_pairs(keys.into_iter().map(|(id, window)| (window, id)));
                for (window, ids) in windows {
                    let since = store.clock().now().before(window.unsigned_abs());
                    let found = $finder(store.reader(), &permit, &ids, since).await;
                    let mut found = found.map_err(internal)?;
                    let health =
                        |id| ((id, window), (since, found.remove(&id).unwrap_or_default()));
                    healths.extend(ids.into_iter().map(health));
                }
                Ok(healths)
            }
            .boxed()
        })
    }};
}

/// Each row by its key.
pub fn by<K: Hash + Eq, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

/// All rows of each key.
pub fn group<K: Hash + Eq, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, Vec<V>> {
    group_pairs(rows.into_iter().map(|row| (key(&row), row)))
}

/// The same of rows whose keys are known.
pub fn group_pairs<K: Hash + Eq, V>(rows: impl Iterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, row) in rows {
        groups.entry(key).or_default().push(row);
    }
    groups
}
