//! What starts runs by itself: events of the log, the clock, and news that plugins ask for.
//!
//! Webhooks and manual starts name the trigger that they are for. An event does not: each one is matched against the
//! `event` triggers of its workspace [when it is appended](events), in memory, and the runs that it starts are written
//! with it. A schedule has its next instant in its row, and [whoever is first](schedules) starts the run for it; so it is with
//! the [triggers that are asked](polls).

mod events;
mod group;
mod input;
mod polls;
mod schedules;

pub(crate) use events::EventTriggers;
pub(crate) use group::concurrency_group;
pub use polls::{Polls, PollsHandle};
pub use schedules::{Schedules, SchedulesHandle};

use std::sync::Arc;

use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::trigger::{self, Trigger};
use jackfield_storage::{StorageError, Store};

/// Shows on the workflow why a trigger could not fire.
async fn note_error(store: Store, trigger: Arc<Trigger>, message: String) {
    let permit = Permit::<EditWorkflows>::system(trigger.workspace_id, "triggers");
    let (now, noted) = (store.clock().now(), trigger.clone());
    let written: Result<(), StorageError> = store
        .writer()
        .call(&permit, move |call| {
            Box::pin(async move { trigger::note_error(call.db(), &noted, &message, now).await })
        })
        .await;
    if let Err(error) = written {
        tracing::error!(%error, workflow = %trigger.workflow_id, node = %trigger.node_key, "the failure of a trigger could not be written");
    }
}
