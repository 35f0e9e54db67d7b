//! Processor time of a child: what one step of a call may use, and that nobody uses any who was not asked to.

use std::time::{Duration, Instant};

/// What a child may use while nothing is asked of it: this much at once, …
const UNASKED: Duration = Duration::from_secs(1);
/// … and one part in so many of the time that passes.
const UNASKED_PART: u32 = 100;

/// Looks at a child now and then.
pub(super) struct Meter {
    /// What one step may use.
    limit: Duration,
    /// What was used when the last answer was seen.
    at_answer: Duration,
    answers: u64,
    last: Duration,
    looked: Instant,
    was_idle: bool,
    /// Used while nothing was asked, beyond what is free.
    unasked: Duration,
}

/// What is to be seen of a child at one moment.
pub(super) struct Look {
    pub(super) now: Instant,
    /// Processor time of all its threads since it began.
    pub(super) used: Duration,
    /// How many answers it gave.
    pub(super) answers: u64,
    /// The call that it is working on.
    pub(super) working: Option<u64>,
}

/// What a child must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overuse {
    /// A step of this call uses too much.
    InCall(u64),
    /// It is busy with something that nobody asked for.
    Unasked,
}

impl Meter {
    pub(super) fn new(limit: Duration, now: Instant) -> Self {
        Self {
            limit,
            at_answer: Duration::ZERO,
            answers: 0,
            last: Duration::ZERO,
            looked: now,
            was_idle: false,
            unasked: Duration::ZERO,
        }
    }

    pub(super) fn look(&mut self, look: &Look) -> Option<Overuse> {
        let answered = look.answers != self.answers;
        let spent = look.used.saturating_sub(self.last);
        let passed = look.now.saturating_duration_since(self.looked);
        let idle = look.working.is_none();
        if idle && self.was_idle && !answered {
            let free = passed / UNASKED_PART;
            self.unasked = (self.unasked + spent).saturating_sub(free);
        }
        if answered || idle {
            // What was used before is not held against the call that is next.
            self.at_answer = look.used;
        }
        self.answers = look.answers;
        self.last = look.used;
        self.looked = look.now;
        self.was_idle = idle;
        match look.working {
            Some(call) if look.used.saturating_sub(self.at_answer) > self.limit => {
                Some(Overuse::InCall(call))
            }
            _ if self.unasked > UNASKED => Some(Overuse::Unasked),
            _ => None,
        }
    }
}

/// Processor time that a process has used, user and system, all threads together.
#[cfg(target_os = "linux")]
pub(super) fn used(pid: u32) -> Option<Duration> {
    let pid = libc::pid_t::try_from(pid).ok()?;
    let mut clock = 0;
    // SAFETY: writes the number of a clock into the variable that lives here.
    if unsafe { libc::clock_getcpuclockid(pid, &raw mut clock) } != 0 {
        return None;
    }
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: as above, with the time.
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanos = u32::try_from(time.tv_nsec).ok()?;
    Some(Duration::new(seconds, nanos))
}

/// Elsewhere the time on the wall has to do.
#[cfg(not(target_os = "linux"))]
pub(super) fn used(_pid: u32) -> Option<Duration> {
    None
}

/// Moves the kernel's own limit ahead of what was used, so that it ends the child should this host no longer look.
#[cfg(target_os = "linux")]
pub(super) fn renew_limit(pid: u32, used: Duration, ahead: Duration) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let limit = Rlimit {
        current: Some((used + ahead).as_secs() + 1),
        maximum: None,
    };
    if let Some(pid) = pid {
        // A child that is gone by now needs none.
        prlimit(Some(pid), Resource::Cpu, limit).ok();
    }
}

/// There is no such limit elsewhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn renew_limit(_pid: u32, _used: Duration, _ahead: Duration) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks once a second; each look is (milliseconds used since the last, answers since the last, call).
    fn looks(all: &[(u64, u64, Option<u64>)]) -> Option<Overuse> {
        let mut now = Instant::now();
        let mut meter = Meter::new(Duration::from_secs(5), now);
        let (mut used, mut answers) = (Duration::ZERO, 0);
        for (spent, answered, working) in all {
            now += Duration::from_secs(1);
            used += Duration::from_millis(*spent);
            answers += answered;
            let look = Look {
                now,
                used,
                answers,
                working: *working,
            };
            if let Some(overuse) = meter.look(&look) {
                return Some(overuse);
            }
        }
        None
    }

    #[test]
    fn one_step_may_use_what_the_limit_says() {
        let loops = [(1000, 0, Some(7)); 7];
        assert_eq!(looks(&loops), Some(Overuse::InCall(7)));
        let threads = [(4000, 0, Some(7)); 3];
        assert_eq!(looks(&threads), Some(Overuse::InCall(7)));
        assert_eq!(looks(&[(1000, 0, Some(7)); 5]), None);
    }

    #[test]
    fn many_steps_may_use_more_than_one() {
        assert_eq!(looks(&[(1000, 100, Some(7)); 1000]), None);
        assert_eq!(looks(&[(4000, 0, Some(7)), (4000, 1, Some(8))]), None);
    }

    #[test]
    fn nobody_works_unasked() {
        assert_eq!(looks(&[(300, 0, None); 6]), Some(Overuse::Unasked));
        // A timer that ticks is no work.
        assert_eq!(looks(&[(5, 0, None); 10_000]), None);
        // What was used until the answer was used for the answer.
        assert_eq!(looks(&[(900, 1, None); 100]), None);
    }
}
