//! Takes replays on, a step at a time.

use std::sync::Arc;
use std::time::Duration;

use jackfield_storage::{
    StorageError,
    access::{ManageWebhooks, Permit},
    delivery,
    event::Event,
    replay::{self, Replay},
    webhook_endpoint,
};
use tokio::time::{sleep, timeout};

use super::{Shared, known::Target};
use crate::outbound::{PART, expressions, replay::not_replayed};

/// How many events are sent on their way at once.
const STEP: u64 = 200;

/// While so many deliveries wait for an endpoint, no more are added by a replay: what is new does not wait behind all of it.
const WAITING: u64 = 400;

/// How often it is looked for replays that another node has left.
const POLL: Duration = Duration::from_secs(5);

/// How long an endpoint is left to work off what waits for it.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn run(shared: Arc<Shared>) {
    while !shared.is_stopping() {
        match round(&shared).await {
            // Woken early or not: both lead to another look.
            Ok(0) => drop(timeout(POLL, shared.replays.notified()).await),
            Ok(_) => sleep(PAUSE).await,
            Err(error) => {
                tracing::error!(%error, "replays could not go on; it is tried again soon");
                sleep(POLL).await;
            }
        }
    }
}

/// A step of each replay. Returns how many there are.
async fn round(shared: &Arc<Shared>) -> Result<usize, StorageError> {
    let running = replay::running(shared.store.reader()).await?;
    for replay in &running {
        let waiting = delivery::waiting(shared.store.reader(), replay.endpoint_id, WAITING).await?;
        if waiting < WAITING {
            step(shared, replay).await?;
        }
    }
    Ok(running.len())
}

async fn step(shared: &Arc<Shared>, replay: &Replay) -> Result<(), StorageError> {
    let permit = Permit::<ManageWebhooks>::system(replay.workspace_id, PART);
    let read = permit.read();
    let (id, endpoint_id) = (replay.id, replay.endpoint_id);
    let not_from = not_replayed(&replay.types());
    let sender = shared.clone();
    let stepped = shared.store.writer().call(&permit, move |call| {
        Box::pin(async move {
            let Some(endpoint) = webhook_endpoint::find(call.db(), &read, endpoint_id).await?
            else {
                replay::cancel_all(call, endpoint_id).await?;
                return Ok(None);
            };
            let lane = sender.lane(&endpoint);
            let target = Target::prepare(endpoint, &sender, lane);
            let make = |event: &Event| {
                let (id, at) = (event.id, event.occurred_at);
                let seen = || expressions::event(id, &event.event_type, &event.data, at);
                let passes = target.endpoint.channels.admit(&event.channels) && target.passes(seen);
                passes.then(|| sender.unclaimed(&target.endpoint, event.data.as_str()))
            };
            replay::step(call, &read, id, STEP, not_from, make).await
        })
    });
    stepped.await?;
    shared.wake_now();
    Ok(())
}
