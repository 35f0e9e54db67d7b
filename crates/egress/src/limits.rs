use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// How many idle hosts are remembered before they are swept.
const SWEEP_AT: usize = 1024;

/// Bounds the requests that are in flight to one origin, so that one slow host cannot take every connection.
#[derive(Debug)]
pub(crate) struct HostLimits {
    per_host: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl HostLimits {
    pub(crate) fn new(per_host: usize) -> Self {
        Self {
            per_host: per_host.max(1),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a place; dropping what it returns frees it.
    pub(crate) async fn acquire(&self, url: &Url) -> Option<OwnedSemaphorePermit> {
        let places = self.places(url.origin().ascii_serialization());
        places.acquire_owned().await.ok()
    }

    fn places(&self, origin: String) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock();
        if hosts.len() >= SWEEP_AT {
            hosts.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let fresh = || Arc::new(Semaphore::new(self.per_host));
        hosts.entry(origin).or_insert_with(fresh).clone()
    }
}
