//! The traces that refused requests leave.

use std::{collections::HashMap, time::Duration};

use jackfield_storage::{
    Timestamp,
    access::{Permit, PublishEvents},
    ids::InboundHookId,
    inbound_hook::InboundHook,
    rejection::{self, Rejection},
};
use parking_lot::Mutex;

use super::{Inbound, request::Rejected};

/// How many traces a hook writes in one [`WINDOW`]: enough to see what is wrong, and no lever for whoever knows the URL to
/// keep the database busy.
const TRACES_PER_WINDOW: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60);
/// How many hooks are counted before those whose window is over are forgotten.
const COUNTED_HOOKS: usize = 10_000;

/// Counts the traces of each hook.
#[derive(Default)]
pub(super) struct TraceLimit(Mutex<HashMap<InboundHookId, Count>>);

struct Count {
    since: Timestamp,
    traces: u32,
}

impl TraceLimit {
    /// Whether the hook may write one more trace now.
    fn admit(&self, hook: InboundHookId, now: Timestamp) -> bool {
        let mut counts = self.0.lock();
        if counts.len() >= COUNTED_HOOKS {
            counts.retain(|_, count| now.since(count.since) < WINDOW);
        }
        let count = counts.entry(hook).or_insert(Count {
            since: now,
            traces: 0,
        });
        if now.since(count.since) >= WINDOW {
            *count = Count {
                since: now,
                traces: 0,
            };
        }
        count.traces += 1;
        count.traces <= TRACES_PER_WINDOW
    }
}

impl Inbound {
    /// Writes down that a request was refused and why. The sender gets the same answer when this fails.
    pub(super) async fn trace(
        &self,
        hook: &InboundHook,
        rejected: &Rejected,
        size: usize,
        now: Timestamp,
    ) {
        tracing::info!(hook = %hook.id, code = rejected.code, size, "a webhook was refused");
        if !self.traces.admit(hook.id, now) {
            return;
        }
        let row = Rejection {
            id: self.store.clock().id(),
            workspace_id: hook.workspace_id,
            hook_id: hook.id,
            reason: rejected.code.to_owned(),
            detail: rejected.message.clone(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            received_at: now,
        };
        let permit = Permit::<PublishEvents>::system(hook.workspace_id, "inbound");
        let writer = self.store.writer();
        let written = writer.call(&permit, |call| {
            Box::pin(async move { rejection::record(call.db(), row).await })
        });
        if let Err(error) = written.await {
            tracing::error!(%error, hook = %hook.id, "the trace of a refused webhook could not be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_storage::Clock;

    use super::*;

    #[test]
    fn a_flood_leaves_a_bounded_number_of_traces() {
        let clock = Clock::manual(Timestamp::EPOCH);
        let (hook, other) = (clock.id(), clock.id());
        let limit = TraceLimit::default();
        let admitted = |hook| (0..1000).filter(|_| limit.admit(hook, clock.now())).count();

        assert_eq!(admitted(hook), 20);
        assert_eq!(admitted(other), 20);
        clock.advance(WINDOW);
        assert_eq!(admitted(hook), 20);
    }
}
