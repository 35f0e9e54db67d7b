//! When a plugin that crashes is started again. Pure: it is told the time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What happens to a plugin that keeps crashing.
#[derive(Clone, Copy, Debug)]
pub struct BreakerLimits {
    /// So many crashes within `within` put a plugin into quarantine.
    pub crashes: usize,
    /// The time in which crashes are counted together.
    pub within: Duration,
    /// How long the first quarantine lasts; each one that follows lasts twice as long as the one before.
    pub pause: Duration,
    /// The longest a quarantine lasts.
    pub longest: Duration,
}

impl Default for BreakerLimits {
    fn default() -> Self {
        Self {
            crashes: 5,
            within: Duration::from_secs(60),
            pause: Duration::from_secs(5),
            longest: Duration::from_secs(600),
        }
    }
}

/// The first pause between two starts. One crash is followed by a start at once.
const BACKOFF: Duration = Duration::from_millis(100);
/// The longest such pause.
const LONGEST_BACKOFF: Duration = Duration::from_millis(800);

/// Counts crashes and says whether a call may be made.
pub(super) struct Breaker {
    limits: BreakerLimits,
    recent: VecDeque<Instant>,
    state: State,
    /// Quarantines since the plugin last went through a whole `within` without a crash.
    quarantines: u32,
    /// When the last quarantine ended.
    lifted: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Calls go through.
    Closed,
    /// No call goes through until then, and after that one.
    Open { until: Instant },
    /// That one call is on its way.
    Trying,
}

/// What a call may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may start a child after this pause.
    Go(Duration),
    /// It is the one that tries whether the plugin works again.
    Probe,
    /// It may not; a later one may.
    Quarantined { retry_after: Duration },
}

impl Breaker {
    pub(super) fn new(limits: BreakerLimits) -> Self {
        Self {
            limits,
            recent: VecDeque::new(),
            state: State::Closed,
            quarantines: 0,
            lifted: None,
        }
    }

    pub(super) fn admit(&mut self, now: Instant) -> Admission {
        match self.state {
            State::Closed => Admission::Go(self.backoff(now)),
            State::Open { until } if now < until => Admission::Quarantined {
                retry_after: until - now,
            },
            State::Open { .. } => {
                self.state = State::Trying;
                Admission::Probe
            }
            State::Trying => Admission::Quarantined {
                retry_after: self.limits.pause,
            },
        }
    }

    pub(super) fn crashed(&mut self, now: Instant) {
        if self.was_calm(now) {
            self.quarantines = 0;
        }
        self.recent.push_back(now);
        self.forget(now);
        // Whoever comes out of quarantine has no further crashes to spend.
        let spent = self.recent.len() >= self.limits.crashes || self.quarantines > 0;
        if spent {
            let doublings = self.quarantines.min(16);
            let pause = self.limits.pause.saturating_mul(1 << doublings);
            self.quarantines += 1;
            self.state = State::Open {
                until: now + pause.min(self.limits.longest),
            };
        }
    }

    /// A call that was let through alone came back, or was given up.
    pub(super) fn tried(&mut self, now: Instant, worked: bool) {
        if self.state != State::Trying {
            return;
        }
        self.state = match worked {
            true => State::Closed,
            false => State::Open { until: now },
        };
        self.lifted = Some(now);
    }

    /// How long it is before a call is let through; none outside of quarantine.
    pub(super) fn quarantined_for(&self, now: Instant) -> Option<Duration> {
        match self.state {
            State::Closed => None,
            State::Open { until } => Some(until.saturating_duration_since(now)),
            State::Trying => Some(Duration::ZERO),
        }
    }

    fn backoff(&mut self, now: Instant) -> Duration {
        self.forget(now);
        let (Some(last), count) = (self.recent.back(), self.recent.len()) else {
            return Duration::ZERO;
        };
        if count < 2 {
            return Duration::ZERO;
        }
        let doublings = u32::try_from(count - 2).unwrap_or(u32::MAX).min(16);
        let pause = BACKOFF.saturating_mul(1 << doublings).min(LONGEST_BACKOFF);
        (*last + pause).saturating_duration_since(now)
    }

    /// Whether the plugin has worked for a whole `within` since its last crash and quarantine.
    fn was_calm(&self, now: Instant) -> bool {
        let since = self.lifted.max(self.recent.back().copied());
        let passed = since.map(|since| now.saturating_duration_since(since));
        self.state == State::Closed && passed.is_none_or(|passed| passed > self.limits.within)
    }

    /// The last crash is kept, to tell how long the plugin has been calm.
    fn forget(&mut self, now: Instant) {
        while self.recent.len() > 1
            && now.saturating_duration_since(self.recent[0]) > self.limits.within
        {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn crash(breaker: &mut Breaker, times: usize, now: Instant) {
        for _ in 0..times {
            breaker.crashed(now);
        }
    }

    #[test]
    fn starts_are_put_off_from_the_second_crash_on() {
        let (mut breaker, now) = (Breaker::new(BreakerLimits::default()), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..4 {
            breaker.crashed(now);
            pauses.push(breaker.admit(now));
        }
        insta::assert_compact_debug_snapshot!(pauses, @"[Go(0ns), Go(100ms), Go(200ms), Go(400ms)]");
        assert_eq!(
            breaker.admit(now + SECOND / 4),
            Admission::Go(Duration::from_millis(150))
        );
        assert_eq!(
            breaker.admit(now + 61 * SECOND),
            Admission::Go(Duration::ZERO)
        );
    }

    #[test]
    fn five_crashes_in_a_minute_are_a_quarantine() {
        let (mut breaker, now) = (Breaker::new(BreakerLimits::default()), Instant::now());
        crash(&mut breaker, 4, now);
        assert_eq!(breaker.quarantined_for(now), None);
        breaker.crashed(now + 59 * SECOND);
        let later = now + 60 * SECOND;
        let retry_after = 4 * SECOND;
        assert_eq!(breaker.admit(later), Admission::Quarantined { retry_after });
        assert_eq!(breaker.quarantined_for(later), Some(retry_after));
    }

    #[test]
    fn crashes_that_are_far_apart_are_none() {
        let (mut breaker, now) = (Breaker::new(BreakerLimits::default()), Instant::now());
        for minutes in 0..100 {
            breaker.crashed(now + 61 * minutes * SECOND);
        }
        assert_eq!(breaker.quarantined_for(now + 6200 * SECOND), None);
    }

    #[test]
    fn one_call_tries_and_lifts_it() {
        let (mut breaker, now) = (Breaker::new(BreakerLimits::default()), Instant::now());
        crash(&mut breaker, 5, now);
        let later = now + 5 * SECOND;
        assert_eq!(breaker.admit(later), Admission::Probe);
        let retry_after = 5 * SECOND;
        assert_eq!(breaker.admit(later), Admission::Quarantined { retry_after });
        breaker.tried(later, true);
        assert!(matches!(breaker.admit(later), Admission::Go(_)));
    }

    #[test]
    fn a_call_that_was_given_up_leaves_the_try_to_the_next() {
        let (mut breaker, now) = (Breaker::new(BreakerLimits::default()), Instant::now());
        crash(&mut breaker, 5, now);
        let later = now + 5 * SECOND;
        assert_eq!(breaker.admit(later), Admission::Probe);
        breaker.tried(later, false);
        assert_eq!(breaker.admit(later), Admission::Probe);
    }

    #[test]
    fn whoever_crashes_again_stays_longer_each_time() {
        let (mut breaker, mut now) = (Breaker::new(BreakerLimits::default()), Instant::now());
        crash(&mut breaker, 5, now);
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let pause = breaker.quarantined_for(now).unwrap();
            pauses.push(pause.as_secs());
            now += pause;
            assert_eq!(breaker.admit(now), Admission::Probe);
            breaker.crashed(now);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        // After a minute without a crash everything is forgiven.
        let pause = breaker.quarantined_for(now).unwrap();
        now += pause;
        assert_eq!(breaker.admit(now), Admission::Probe);
        breaker.tried(now, true);
        breaker.crashed(now + 61 * SECOND);
        assert_eq!(breaker.quarantined_for(now + 61 * SECOND), None);
    }
}
