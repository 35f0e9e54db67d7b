//! The traces that requests leave that bring no event.

use std::{collections::HashMap, time::Duration};

use jackfield_storage::{
    Timestamp,
    access::{Permit, PublishEvents},
    hook_health::Verdict,
    ids::{EventId, InboundHookId},
    inbound_hook::InboundHook,
    rejection::{self, Rejection},
};
use parking_lot::Mutex;

use super::{Inbound, PART, request::Rejected};

/// How many traces a hook writes in one [`WINDOW`]: enough to see what is wrong, and no lever for whoever knows the URL to
/// keep the database busy.
const TRACES_PER_WINDOW: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60);
/// How many hooks are counted before those whose window is over are forgotten.
const COUNTED_HOOKS: usize = 10_000;

/// What is to be seen of a request that brought no event.
pub(super) struct Trace {
    verdict: Verdict,
    status: u16,
    reason: &'static str,
    detail: String,
    event_id: Option<EventId>,
    size: usize,
}

impl Trace {
    /// Of a refused request with a body of `size` bytes.
    pub fn of_rejected(rejected: &Rejected, size: usize) -> Self {
        let detail = rejected.detail.as_ref().unwrap_or(&rejected.message);
        Self {
            verdict: Verdict::Rejected,
            status: rejected.status.as_u16(),
            reason: rejected.code,
            detail: detail.clone(),
            event_id: None,
            size,
        }
    }

    /// Of a request that repeats an event.
    pub fn of_repeat(event: EventId, size: usize) -> Self {
        Self {
            verdict: Verdict::Duplicate,
            status: 200,
            reason: "DUPLICATE",
            detail: "the provider had sent this event before".to_owned(),
            event_id: Some(event),
            size,
        }
    }
}

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
    /// Writes down why a request brought no event. The sender gets the same answer when this fails.
    pub(super) async fn trace(&self, hook: &InboundHook, trace: Trace, now: Timestamp) {
        let size = trace.size;
        tracing::info!(hook = %hook.id, code = trace.reason, size, "a webhook brought no event");
        if !self.traces.admit(hook.id, now) {
            return;
        }
        let row = Rejection {
            id: self.store.clock().id(),
            workspace_id: hook.workspace_id,
            hook_id: hook.id,
            reason: trace.reason.to_owned(),
            detail: trace.detail,
            size: i64::try_from(size).unwrap_or(i64::MAX),
            received_at: now,
            verdict: trace.verdict,
            status: Some(trace.status.into()),
            event_id: trace.event_id,
        };
        let permit = Permit::<PublishEvents>::system(hook.workspace_id, PART);
        let writer = self.store.writer();
        let written = writer.call(&permit, |call| {
            Box::pin(async move { rejection::record(call.db(), row).await })
        });
        if let Err(error) = written.await {
            tracing::error!(%error, hook = %hook.id, "the trace of a webhook could not be written");
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
