//! Counts attempts for the health of their endpoints, and writes the counts down now and then.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_storage::{
    access::{ManageWebhooks, Permit},
    endpoint_health::{self, Tally},
};
use parking_lot::Mutex;
use tokio::time::sleep;

use super::Shared;
use crate::outbound::PART;

/// How often counts are written.
const EVERY: Duration = Duration::from_secs(2);

/// After so many writings, about an hour, old counts are deleted.
const SWEEP_AFTER: u32 = 1_800;

/// What was counted and is not written yet.
#[derive(Default)]
pub(in crate::outbound) struct Health(Mutex<HashMap<Tally, i64>>);

impl Health {
    pub(super) fn count(&self, tally: Tally) {
        *self.0.lock().entry(tally).or_default() += 1;
    }
}

pub(super) async fn run(shared: Arc<Shared>) {
    let mut rounds = 0;
    loop {
        sleep(EVERY).await;
        rounds += 1;
        let sweep = rounds % SWEEP_AFTER == 0;
        write(&shared, sweep).await;
        if shared.is_stopping() {
            return;
        }
    }
}

/// Writes what was counted since.
pub(super) async fn write(shared: &Shared, sweep: bool) {
    let counted: Vec<(Tally, i64)> = shared.health.0.lock().drain().collect();
    let Some((first, _)) = counted.first() else {
        return;
    };
    // The counts of all workspaces go together; each says its own.
    let permit = Permit::<ManageWebhooks>::system(first.workspace(), PART);
    let written = shared.store.writer().call(&permit, move |call| {
        Box::pin(async move {
            endpoint_health::add(call, counted).await?;
            match sweep {
                true => endpoint_health::sweep(call).await,
                false => Ok(()),
            }
        })
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, "the health of endpoints could not be written");
    }
}
