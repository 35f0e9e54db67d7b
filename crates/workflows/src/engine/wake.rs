//! Wakes the runs that wait for an event.
//!
//! Every event that this process stores or hears of leaves a hint at the waits that it could concern. A sweep now and then
//! does the same for what was stored by a process that died before it came to that.

use std::sync::Arc;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::event::Event;
use jackfield_storage::{Change, Changes, StorageError, Store, event, event_wait};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::{Phase, Shared};

/// How many events a sweep looks at in one go.
const PAGE: u64 = 1_000;

/// Leaves hints until the engine stops.
pub(super) async fn run(shared: Arc<Shared>, mut changes: Changes) {
    let store = shared.workflows.0.store.clone();
    let mut phase: watch::Receiver<Phase> = shared.phase.clone();
    let mut poll = interval(shared.config.poll);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Up to where everything was swept: what is stored from now on is told, until something is missed.
    let mut swept = None;
    loop {
        let result = tokio::select! {
            changed = phase.changed() => match changed {
                Ok(()) if *phase.borrow() == Phase::Working => Ok(()),
                _ => return,
            },
            batch = changes.recv() => match batch {
                Ok(batch) => hint(&store, &batch).await,
                Err(RecvError::Lagged(_)) => sweep(&store, &mut swept).await,
                Err(RecvError::Closed) => return,
            },
            _ = poll.tick() => sweep(&store, &mut swept).await,
        };
        if let Err(error) = result {
            tracing::error!(%error, "runs that wait for events could not be woken; the next sweep makes good for it");
        }
    }
}

async fn hint(store: &Store, batch: &[Change]) -> Result<(), StorageError> {
    let events = batch.iter().filter_map(|change| match change {
        Change::Event(event) => Some(event.clone()),
        _ => None,
    });
    let events: Vec<Arc<Event>> = events.collect();
    match events.is_empty() {
        true => Ok(()),
        false => event_wait::hint(store, &events).await,
    }
}

/// Looks at every event after the earliest position from which a wait still has to look, or after what was swept before.
async fn sweep(store: &Store, swept: &mut Option<i64>) -> Result<(), StorageError> {
    let head = store.head().await?;
    for (workspace, oldest) in event_wait::oldest(store.reader()).await? {
        let permit = Permit::<Read>::system(workspace, "engine");
        let mut position = swept.unwrap_or(oldest);
        while position < head {
            let page = event::changes_after(store.reader(), &permit, position, &[], PAGE).await?;
            let Some(last) = page.last().map(|event| event.position) else {
                break;
            };
            position = last;
            let events: Vec<_> = page.into_iter().map(Arc::new).collect();
            event_wait::hint(store, &events).await?;
        }
    }
    *swept = Some(head);
    Ok(())
}
