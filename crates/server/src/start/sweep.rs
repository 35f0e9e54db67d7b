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
    if retention.is_endless() {
        return;
    }
    loop {
        let mut swept = Swept::default();
        loop {
            match store.sweep(retention).await {
                Ok(some) if some == Swept::default() => break,
                Ok(some) => {
                    swept.runs += some.runs;
                    swept.events += some.events;
                }
                Err(error) => {
                    tracing::error!(%error, "old history could not be deleted");
                    break;
                }
            }
            if let Err(error) = store.shrink().await {
                tracing::warn!(%error, "the database could not give room back");
            }
            sleep(PAUSE).await;
        }
        if swept != Swept::default() {
            tracing::info!(
                runs = swept.runs,
                events = swept.events,
                "old history was deleted"
            );
        }
        sleep(EVERY).await;
    }
}
