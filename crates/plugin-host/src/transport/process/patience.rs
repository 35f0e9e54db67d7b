//! Whether to stay awake while waiting for the other side.
//!
//! Whoever sleeps has to be woken, and on a machine with nothing else to do that takes longer than the work of a turn.
//! Whoever stays awake takes a processor from others. So both sides stay awake for moments only, and only as long as
//! that pays: when the last waits were over within such a moment.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// The longest that anybody stays awake for an answer.
pub(crate) const MOMENT: Duration = Duration::from_micros(50);

/// The score from which on it pays to stay awake: one wait out of the ordinary changes nothing.
const PAYS: u8 = 2;
const HIGHEST: u8 = 3;

/// What is remembered of the last waits. A wait that takes longer than a moment costs one at most, every other time.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    score: AtomicU8,
}

impl Patience {
    /// Whether to stay awake for a [`MOMENT`].
    pub(crate) fn pays(&self) -> bool {
        self.score.load(Ordering::Relaxed) >= PAYS
    }

    /// A wait took so long, awake or asleep.
    pub(crate) fn waited(&self, time: Duration) {
        let score = self.score.load(Ordering::Relaxed);
        let next = match time <= MOMENT {
            true => (score + 1).min(HIGHEST),
            false => score.saturating_sub(1),
        };
        // Two that wait at once may count as one: it is a guess either way.
        self.score.store(next, Ordering::Relaxed);
    }
}

/// Whether there is a processor for each side. On a single one, who stays awake keeps the other from answering.
pub(super) fn has_company() -> bool {
    static MORE_THAN_ONE: OnceLock<bool> = OnceLock::new();
    *MORE_THAN_ONE.get_or_init(|| {
        std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_millis(100);

    fn staying(waits: &[Duration]) -> Vec<bool> {
        let patience = Patience::default();
        let stay = |wait: &Duration| {
            let stays = patience.pays();
            patience.waited(*wait);
            stays
        };
        waits.iter().map(stay).collect()
    }

    #[test]
    fn nobody_stays_awake_for_what_takes_long() {
        assert_eq!(staying(&[LONG; 100]), [false; 100]);
    }

    #[test]
    fn short_waits_are_waited_for_awake() {
        let stayed = staying(&[MOMENT; 100]);
        assert_eq!(stayed[..4], [false, false, true, true]);
        assert!(stayed[4..].iter().all(|stays| *stays));
    }

    #[test]
    fn one_long_wait_changes_nothing_and_two_do() {
        let waits = [MOMENT, MOMENT, MOMENT, LONG, MOMENT, LONG, LONG, LONG];
        let stayed = [false, false, true, true, true, true, true, false];
        assert_eq!(staying(&waits), stayed);
    }
}
