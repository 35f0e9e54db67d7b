//! Deletes history that is kept no longer.

use std::time::Duration;

use jackfield_storage::Store;
use jackfield_storage::retention::{Retention, Swept};
use tokio::time::sleep;

/// How often there is a look at what has grown too old.
const EVERY: Duration = Duration::from_secs(60);

/// How long others have the writer to themselves between two batches.
const PAUSE: Duration = Duration::from_millis(50);

/// Sweeps until it is stopped.
pub async fn run(store: Store, retention: Retention) {
    loop {
        let swept = sweep(&store, retention).await;
        if swept != Swept::default() {
            let Swept {
                runs,
                events,
                deliveries,
                audit_entries,
                credential_uses,
                sessions,
            } = swept;
            tracing::info!(
                runs,
                events,
                deliveries,
                audit_entries,
                credential_uses,
                sessions,
                "old history was deleted"
            );
        }
        sleep(EVERY).await;
    }
}

/// Deletes in batches until nothing is too old, and says how much that was.
async fn sweep(store: &Store, retention: Retention) -> Swept {
    let mut swept = Swept::default();
    loop {
        let some = store.sweep(retention).await.unwrap_or_else(|error| {
            tracing::error!(%error, "old history could not be deleted");
            Swept::default()
        });
        if some == Swept::default() {
            return swept;
        }
        swept.runs += some.runs;
        swept.events += some.events;
        swept.deliveries += some.deliveries;
        swept.audit_entries += some.audit_entries;
        swept.credential_uses += some.credential_uses;
        swept.sessions += some.sessions;
        if let Err(error) = store.shrink().await {
            tracing::warn!(%error, "the database could not give room back");
        }
        sleep(PAUSE).await;
    }
}
