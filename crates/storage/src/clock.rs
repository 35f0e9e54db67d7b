//! Time and randomness, injected so that tests decide both.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use parking_lot::Mutex;
use ulid::Ulid;

use crate::{Timestamp, ids::Id};

/// Tells the time, makes ids, and hands out randomness. Clones share one state.
#[derive(Clone)]
pub struct Clock(Arc<State>);

struct State {
    time: Time,
    random: Random,
    last: Mutex<Ulid>,
}

enum Time {
    System,
    Manual(AtomicI64),
}

enum Random {
    System(SystemRandom),
    Seeded(Mutex<u64>),
}

impl Clock {
    /// The time and the randomness of the machine.
    pub fn system() -> Self {
        Self::build(Time::System, Random::System(SystemRandom::new()))
    }

    /// A clock that stands at `start` until it is moved with [`advance`](Self::advance).
    pub fn manual(start: Timestamp) -> Self {
        let time = Time::Manual(AtomicI64::new(start.as_micros()));
        Self::build(time, Random::System(SystemRandom::new()))
    }

    /// A manual clock whose randomness repeats for the same seed, for snapshots in tests only.
    pub fn seeded(start: Timestamp, seed: u64) -> Self {
        let time = Time::Manual(AtomicI64::new(start.as_micros()));
        Self::build(time, Random::Seeded(Mutex::new(seed)))
    }

    fn build(time: Time, random: Random) -> Self {
        Self(Arc::new(State {
            time,
            random,
            last: Mutex::new(Ulid::nil()),
        }))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        match &self.0.time {
            Time::System => system_time(),
            Time::Manual(micros) => Timestamp::from_micros(micros.load(Ordering::Acquire)),
        }
    }

    /// Moves a manual clock forward. A system clock goes its own way.
    pub fn advance(&self, duration: Duration) {
        if let Time::Manual(micros) = &self.0.time {
            let step = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
            micros.fetch_add(step, Ordering::AcqRel);
        }
    }

    /// A new id, larger than every id that this clock made before.
    pub fn id<I: Id>(&self) -> I {
        let now = u64::try_from(self.now().as_micros() / 1_000).unwrap_or(0);
        let mut last = self.0.last.lock();
        let next = if now > last.timestamp_ms() {
            Ulid::from_parts(now, self.random_80_bits())
        } else {
            last.increment().unwrap_or_else(|_| {
                Ulid::from_parts(last.timestamp_ms() + 1, self.random_80_bits())
            })
        };
        *last = next;
        I::from_ulid(next)
    }

    /// Fills `bytes` with randomness that is good enough for secrets (unless the clock is seeded).
    pub fn random(&self, bytes: &mut [u8]) {
        match &self.0.random {
            Random::System(source) => source
                .fill(bytes)
                .expect("the operating system provides randomness"),
            Random::Seeded(state) => {
                let mut state = state.lock();
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&split_mix(&mut state).to_le_bytes()[..chunk.len()]);
                }
            }
        }
    }

    fn random_80_bits(&self) -> u128 {
        let mut bytes = [0; 16];
        self.random(&mut bytes[6..]);
        u128::from_be_bytes(bytes)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

fn system_time() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else takes"
    )]
    let now = jiff::Timestamp::now();
    now.into()
}

/// SplitMix64 (Steele, Lea, Flood 2014): short, and good enough to make test data differ.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EventId;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(Timestamp::EPOCH);
        assert_eq!(clock.now(), Timestamp::EPOCH);
        clock.advance(Duration::from_millis(5));
        assert_eq!(clock.now(), Timestamp::from_micros(5_000));
    }

    #[test]
    fn ids_grow_also_within_a_millisecond() {
        let clock = Clock::manual(Timestamp::EPOCH.after(Duration::from_secs(60)));
        let ids: Vec<EventId> = (0..1_000).map(|_| clock.id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_seeded_clock_repeats_itself() {
        let ids =
            || Clock::seeded(Timestamp::from_micros(1_700_000_000_000_000), 7).id::<EventId>();
        assert_eq!(ids(), ids());
    }
}
