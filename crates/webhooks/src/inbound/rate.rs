//! How many requests a hook takes on this node.

use std::{collections::HashMap, sync::atomic::AtomicI64, sync::atomic::Ordering};

use jackfield_storage::{Timestamp, ids::InboundHookId};
use parking_lot::RwLock;

/// How far a hook may be ahead of its rate: a second's worth may come at once.
const AHEAD: i64 = 1_000_000;

/// For each hook that has a limit, the instant up to which its requests are paid for, in microseconds. Kept in memory: each node
/// of a cluster counts what it gets itself.
#[derive(Default)]
pub(super) struct Rates(RwLock<HashMap<InboundHookId, AtomicI64>>);

impl Rates {
    /// Takes one more request of a hook that takes `most` a second, or says after how many seconds it would.
    pub fn admit(&self, hook: InboundHookId, most: u32, now: Timestamp) -> Result<(), u64> {
        let now = now.as_micros();
        let interval = AHEAD / i64::from(most.max(1));
        if let Some(paid) = self.0.read().get(&hook) {
            return pay(paid, interval, now);
        }
        let mut known = self.0.write();
        pay(known.entry(hook).or_default(), interval, now)
    }
}

fn pay(paid: &AtomicI64, interval: i64, now: i64) -> Result<(), u64> {
    let next = |paid: i64| {
        let begun = paid.max(now);
        (begun - now <= AHEAD - interval).then_some(begun + interval)
    };
    match paid.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) {
        Ok(_) => Ok(()),
        Err(paid) => {
            let wait = paid - now - (AHEAD - interval);
            Err(wait.unsigned_abs().div_ceil(1_000_000).max(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jackfield_storage::Clock;

    use super::*;

    #[test]
    fn a_second_has_so_many_requests_and_each_hook_its_own() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let (hook, other) = (clock.id(), clock.id());
        let rates = Rates::default();
        let taken = |hook, most| {
            (0..100)
                .filter(|_| rates.admit(hook, most, clock.now()).is_ok())
                .count()
        };

        assert_eq!(taken(hook, 10), 10);
        assert_eq!(rates.admit(hook, 10, clock.now()), Err(1));
        assert_eq!(taken(other, 3), 3);
        clock.advance(Duration::from_millis(500));
        assert_eq!(taken(hook, 10), 5);
        clock.advance(Duration::from_secs(60));
        assert_eq!(taken(hook, 10), 10);
    }
}
