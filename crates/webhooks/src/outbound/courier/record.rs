//! Writes down what came of deliveries, many at a time.

use std::sync::{Arc, atomic::Ordering};
use std::time::Duration;

use jackfield_storage::{
    Attempted, Change, StorageError, Timestamp, access::ManageWebhooks, access::Permit, delivery,
    ids::WebhookEndpointId, webhook_endpoint,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::sleep;

use super::{Record, Shared, claim::NOW, known::Target, tell};
use crate::outbound::PART;

/// How many are written at once at most.
const BATCH: usize = 512;

/// How many batches are under way: while one is being committed, the next ones gather with the writer.
const AT_ONCE: usize = 2;

/// How long what came of a delivery waits for others, while few come: nobody waits for it to be written, and each commit costs
/// those who do.
const GATHERED_FOR: Duration = Duration::from_millis(4);

/// How long to wait before what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How long it must have failed before that is written down.
const NOTED_AFTER: Duration = Duration::from_secs(60);

pub(super) async fn run(shared: Arc<Shared>, mut records: mpsc::UnboundedReceiver<Record>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let mut batch = Vec::new();
        if records.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        if batch.len() < BATCH {
            sleep(GATHERED_FOR).await;
            let room = BATCH - batch.len();
            batch.extend(std::iter::from_fn(|| records.try_recv().ok()).take(room));
        }
        let shared = shared.clone();
        tokio::spawn(async move {
            write(&shared, batch).await;
            drop(place);
        });
    }
}

async fn write(shared: &Shared, batch: Vec<Record>) {
    let count = batch.len();
    tell::exhausted(shared, &batch).await;
    let batch: Vec<Attempted> = batch.into_iter().map(|record| record.done).collect();
    let written = shared.store.writer().record(batch.clone()).await;
    if let Err(error) = written {
        tracing::error!(%error, "what came of deliveries could not be written; it is tried again one by one");
        for done in &batch {
            write_one(shared, done).await;
        }
    }
    for done in &batch {
        if done.left.is_some() {
            shared.wake(NOW);
        } else if let Some(due) = done.delivery.due_at {
            shared.wake(due);
        }
    }
    shared.held.fetch_sub(count, Ordering::AcqRel);
}

/// Tries until it is written: it is not known any other way that the delivery need not be sent again.
async fn write_one(shared: &Shared, done: &Attempted) {
    loop {
        match shared.store.writer().record(vec![done.clone()]).await {
            Ok(_) | Err(StorageError::Closed) => return,
            Err(error) => {
                tracing::error!(%error, delivery = %done.delivery.id, "what came of a delivery could not be written");
                sleep(AGAIN).await;
            }
        }
    }
}

/// Looks whether an endpoint has begun or ceased to fail, and gives up one that has failed for long.
pub(super) fn watch(
    shared: &Arc<Shared>,
    target: &Arc<Target>,
    good: bool,
    gone: bool,
    now: Timestamp,
) {
    let id = target.endpoint.id;
    let noted = target.lane.noted();
    if good {
        if noted {
            target.lane.set_noted(false);
            tokio::spawn(health(shared.clone(), target.clone(), None));
        }
        return;
    }
    let since = target.lane.failing_since().unwrap_or(now);
    let failing = now.since(since);
    if gone || failing >= shared.config.give_up {
        let reason = match gone {
            true => "The endpoint has answered 410 Gone.".to_owned(),
            false => format!("There were nothing but failures since {since}."),
        };
        tokio::spawn(give_up(
            shared.clone(),
            id,
            (!gone).then_some(since),
            reason,
        ));
    } else if failing >= NOTED_AFTER && !noted {
        target.lane.set_noted(true);
        tokio::spawn(health(shared.clone(), target.clone(), Some(since)));
    }
}

async fn health(shared: Arc<Shared>, target: Arc<Target>, failing_since: Option<Timestamp>) {
    let id = target.endpoint.id;
    let permit = Permit::<ManageWebhooks>::system(target.endpoint.workspace_id, PART);
    let written = shared.store.writer().call(&permit, move |call| {
        Box::pin(async move {
            match failing_since {
                Some(since) => webhook_endpoint::mark_failing(call.db(), id, since).await,
                None => webhook_endpoint::mark_healthy(call.db(), id).await,
            }
        })
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, endpoint = %id, "the health of an endpoint could not be written");
    }
}

async fn give_up(
    shared: Arc<Shared>,
    id: WebhookEndpointId,
    since: Option<Timestamp>,
    reason: String,
) {
    if let Err(error) = try_give_up(&shared, id, since, reason).await {
        tracing::error!(%error, endpoint = %id, "an endpoint could not be made inactive");
    }
}

async fn try_give_up(
    shared: &Shared,
    id: WebhookEndpointId,
    since: Option<Timestamp>,
    reason: String,
) -> Result<(), StorageError> {
    // Another node may have seen something arrive.
    if let Some(since) = since
        && delivery::succeeded_since(shared.store.reader(), id, since).await?
    {
        return Ok(());
    }
    let known = shared.known.lock().clone();
    let Some(target) = known.target(id) else {
        return Ok(());
    };
    let permit = Permit::<ManageWebhooks>::system(target.endpoint.workspace_id, PART);
    let read = permit.read();
    let current = webhook_endpoint::find(shared.store.reader(), &read, id).await?;
    let Some(current) = current.filter(|row| row.active) else {
        return Ok(());
    };
    let told_since = since.unwrap_or(current.updated_at);
    tell::disabled(shared, &current, told_since, &reason).await;
    shared
        .store
        .writer()
        .call(&permit, move |call| {
            Box::pin(async move {
                let found = webhook_endpoint::find(call.db(), &read, id).await?;
                let Some(mut row) = found.filter(|row| row.active) else {
                    return Ok(());
                };
                row.active = false;
                row.disabled_reason = Some(reason.clone());
                row.updated_at = call.now();
                row.revision = call.next_position();
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await?;
                tracing::warn!(endpoint = %id, reason, "an endpoint was made inactive");
                call.publish(Change::WebhookEndpoint(Arc::new(row)));
                Ok(())
            })
        })
        .await
}

impl Shared {
    pub(super) fn record(&self, record: Record) {
        // The recorder lives as long as the courier.
        let _ = self.records.send(record);
    }
}
