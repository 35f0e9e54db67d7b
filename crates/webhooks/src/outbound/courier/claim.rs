//! Claims what is due.

use std::sync::{Arc, atomic::Ordering};
use std::time::Duration;

use jackfield_storage::{Claim, Timestamp, delivery};
use tokio::time::{sleep, timeout};

use super::{HELD, Parcel, Shared};

/// How many deliveries are claimed at once.
const BATCH: u64 = 256;

/// How often it is looked without having been woken: what other nodes left behind is found so.
const POLL: Duration = Duration::from_secs(5);

/// How long to wait after claiming has failed, or while memory is full.
const AGAIN: Duration = Duration::from_millis(500);

pub(super) async fn run(shared: Arc<Shared>) {
    while !shared.is_stopping() {
        let full = shared.held.load(Ordering::Acquire) >= HELD;
        let claimed = match full {
            true => None,
            false => claim(&shared).await,
        };
        let Some(claimed) = claimed else {
            sleep(AGAIN).await;
            continue;
        };
        if claimed == BATCH {
            continue;
        }
        wait(&shared).await;
    }
}

/// Claims a batch and has it sent. Returns how many, or nothing after a failure.
async fn claim(shared: &Arc<Shared>) -> Option<u64> {
    *shared.next_due.lock() = None;
    let claimed = shared.store.writer().claim_deliveries(lease(shared)).await;
    let claimed = claimed.inspect_err(
        |error| tracing::error!(%error, "deliveries could not be claimed; it is tried again soon"),
    );
    let claimed = claimed.ok()?;
    let count = claimed.len() as u64;
    if claimed.is_empty() {
        return Some(0);
    }
    shared.held.fetch_add(claimed.len(), Ordering::AcqRel);
    let known = match shared.present().await {
        Ok(known) => known,
        Err(error) => {
            tracing::error!(%error, "endpoints could not be read; deliveries are given back");
            let soon = shared.store.clock().now().after(AGAIN);
            for found in claimed {
                shared.give_back(found.delivery, soon);
            }
            return None;
        }
    };
    for found in claimed {
        match found.event {
            Some(event) => {
                let parcel = Arc::new(Parcel::new(event));
                shared.dispatch(&known, found.delivery, parcel);
            }
            None => shared.cancel(found.delivery),
        }
    }
    Some(count)
}

async fn wait(shared: &Shared) {
    if shared.next_due.lock().is_none() {
        match delivery::next_due(shared.store.reader()).await {
            Ok(Some(due)) => shared.wake(due),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the next due delivery is not known; it is looked for later")
            }
        }
    }
    loop {
        let next = *shared.next_due.lock();
        let now = shared.store.clock().now();
        let left = next.map_or(POLL, |next| next.since(now).min(POLL));
        if next.is_some_and(|next| next <= now) {
            return;
        }
        // A little later rather than a little too early, when nothing would be due yet.
        if timeout(left + Duration::from_millis(1), shared.due.notified())
            .await
            .is_err()
        {
            return;
        }
    }
}

/// Keeps what is held.
pub(super) async fn renew(shared: Arc<Shared>) {
    loop {
        sleep(shared.config.lease / 4).await;
        if shared.held.load(Ordering::Acquire) == 0 {
            continue;
        }
        if let Err(error) = shared.store.writer().renew_deliveries(lease(&shared)).await {
            tracing::error!(%error, "leases of deliveries could not be renewed");
        }
    }
}

fn lease(shared: &Shared) -> Claim {
    Claim {
        owner: shared.store.node().to_owned(),
        lease: shared.config.lease,
        limit: BATCH,
    }
}

/// The past, for what is due at once.
pub(super) const NOW: Timestamp = Timestamp::EPOCH;
