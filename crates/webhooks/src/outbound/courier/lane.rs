//! The way to one endpoint: how much is on it at once, and whether it is open.

use std::collections::VecDeque;
use std::time::Duration;

use jackfield_storage::Timestamp;
use parking_lot::Mutex;

use super::Job;

/// How many requests to one endpoint are under way at once.
const AT_ONCE: usize = 64;

/// How many deliveries to one endpoint wait in memory; the others wait in the database.
const WAITING: usize = 2_000;

/// After so many failures in a row the way is closed for a while.
const FAILURES: u32 = 10;

/// How long it is closed the first time; twice as long each further time, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(300);

/// What an attempt says about the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It works.
    Good,
    /// It does not.
    Bad,
    /// It wants to be left alone, for so long if it says so.
    Slow(Option<Duration>),
}

/// Where a delivery goes.
pub(super) enum Place {
    /// On its way: the caller works on it.
    Go(Box<Job>),
    /// Behind others.
    Queued,
    /// Not now: not before this instant.
    Later(Box<Job>, Timestamp),
}

#[derive(Default)]
pub(super) struct Lane(Mutex<State>);

#[derive(Default)]
struct State {
    working: usize,
    waiting: VecDeque<Job>,
    failures: u32,
    /// How often in a row it was closed.
    closings: u32,
    /// Until when it is closed; then one delivery goes first, and the others when that has arrived.
    closed: Option<Timestamp>,
    /// When the row of failures began that goes on.
    failing_since: Option<Timestamp>,
    /// Whether that is written down.
    noted: bool,
}

impl Lane {
    /// Until when nothing is to be sent, if the way is closed or full.
    pub fn shut(&self, now: Timestamp) -> Option<Timestamp> {
        let state = self.0.lock();
        match state.closed {
            Some(until) => Some(until.max(now.after(SHORTEST))),
            None if state.waiting.len() >= WAITING => Some(now),
            None => None,
        }
    }

    /// Takes a delivery on, unless the way is shut. What somebody asked for goes through a closed way too.
    pub fn offer(&self, job: Job, now: Timestamp) -> Place {
        let mut state = self.0.lock();
        if let Some(until) = state.closed
            && !job.delivery.manual
        {
            if until > now {
                return Place::Later(Box::new(job), until);
            }
            if state.working > 0 {
                return Place::Later(Box::new(job), now.after(SHORTEST));
            }
        }
        if state.working < AT_ONCE {
            state.working += 1;
            return Place::Go(Box::new(job));
        }
        if state.waiting.len() >= WAITING {
            return Place::Later(Box::new(job), now.after(Duration::from_secs(1)));
        }
        state.waiting.push_back(job);
        Place::Queued
    }

    /// The next delivery for a worker that is done with one. None ends the worker.
    pub fn next(&self) -> Option<Job> {
        let mut state = self.0.lock();
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.working -= 1;
        }
        next
    }

    /// Everything that waits.
    pub fn clear(&self) -> Vec<Job> {
        self.0.lock().waiting.drain(..).collect()
    }

    /// Takes note of how an attempt ended. Returns what must wait now because the way was closed, and until when.
    pub fn note(&self, verdict: Verdict, now: Timestamp) -> Option<(Vec<Job>, Timestamp)> {
        let mut state = self.0.lock();
        let asked = match verdict {
            Verdict::Good => {
                state.failures = 0;
                state.closings = 0;
                state.closed = None;
                state.failing_since = None;
                return None;
            }
            Verdict::Bad => None,
            Verdict::Slow(asked) => Some(asked),
        };
        state.failing_since.get_or_insert(now);
        state.failures += 1;
        // Those that were under way when it was closed say nothing new.
        let closed_already = state.closed.is_some_and(|until| until > now);
        if closed_already || (asked.is_none() && state.failures < FAILURES) {
            return None;
        }
        let doubled = SHORTEST * 2_u32.saturating_pow(state.closings.min(8));
        state.closings += 1;
        let pause = asked.flatten().unwrap_or(doubled).min(LONGEST);
        let until = now.after(pause);
        state.closed = Some(until);
        Some((state.waiting.drain(..).collect(), until))
    }

    /// Since when nothing but failures was seen here.
    pub fn failing_since(&self) -> Option<Timestamp> {
        self.0.lock().failing_since
    }

    /// Takes over what another process, or this one before it was restarted, has written down.
    pub fn remember(&self, failing_since: Option<Timestamp>) {
        let mut state = self.0.lock();
        state.failing_since = failing_since;
        state.noted = failing_since.is_some();
    }

    /// Whether it is written down that nothing but failures is seen.
    pub fn noted(&self) -> bool {
        self.0.lock().noted
    }

    pub fn set_noted(&self, noted: bool) {
        self.0.lock().noted = noted;
    }
}
