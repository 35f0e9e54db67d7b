//! Counts what became of requests, and writes the counts down now and then.

use std::{collections::HashMap, time::Duration};

use jackfield_storage::{
    Timestamp,
    access::{ManageWebhooks, Permit},
    hook_health::{self, Health, Tally, Verdict},
    inbound_hook::InboundHook,
};
use parking_lot::Mutex;
use tokio::time::sleep;

use super::{Inbound, PART};

/// How often counts are written. What was counted since is lost when the server is killed; events are not.
const EVERY: Duration = Duration::from_secs(2);

/// After so many writings, about an hour, old counts are deleted.
const SWEEP_AFTER: u32 = 1_800;

/// What was counted and is not written yet.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<Tally, Health>>);

impl Counts {
    pub fn count(&self, hook: &InboundHook, now: Timestamp, verdict: Verdict) {
        let tally = Tally::new(hook.workspace_id, hook.id, now);
        self.0.lock().entry(tally).or_default().count(verdict);
    }
}

impl Inbound {
    /// Writes counts down until it is stopped.
    pub async fn keep_counts(&self) {
        for round in 1_u32.. {
            sleep(EVERY).await;
            self.write_counts(round % SWEEP_AFTER == 0).await;
        }
    }

    /// Writes down what was counted since the last time; with `sweep` it also deletes what is too old to be shown.
    pub async fn write_counts(&self, sweep: bool) {
        let counted: Vec<(Tally, Health)> = self.counts.0.lock().drain().collect();
        let Some((first, _)) = counted.first() else {
            return;
        };
        // The counts of all workspaces go together; each says its own.
        let permit = Permit::<ManageWebhooks>::system(first.workspace(), PART);
        let written = self.store.writer().call(&permit, move |call| {
            Box::pin(async move {
                hook_health::add(call, counted).await?;
                match sweep {
                    true => hook_health::sweep(call).await,
                    false => Ok(()),
                }
            })
        });
        if let Err(error) = written.await {
            tracing::warn!(%error, "the health of hooks could not be written");
        }
    }
}
