//! Who reads what a child says.
//!
//! A caller that stays awake for an answer reads the socket by itself. While that goes well the runtime does not listen to
//! the socket at all: for each message it would wake a worker that finds nothing left, on a processor that the caller or
//! the child needs.

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Knows whether the runtime has to listen.
pub(super) struct Ear {
    state: Mutex<State>,
    roused: Notify,
}

struct State {
    /// Callers that read by themselves.
    awake: usize,
    /// Callers that wait to be woken.
    asleep: usize,
    listening: bool,
}

/// A caller reads, as long as this lives.
pub(super) struct Awake<'a>(&'a Ear);

/// A caller sleeps, as long as this lives.
pub(super) struct Asleep<'a>(&'a Ear);

impl Ear {
    /// The runtime listens.
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                awake: 0,
                asleep: 0,
                listening: true,
            }),
            roused: Notify::new(),
        }
    }

    /// A caller reads by itself from now on.
    pub(super) fn awake(&self) -> Awake<'_> {
        self.state.lock().awake += 1;
        Awake(self)
    }

    /// A caller goes to sleep until it is answered.
    pub(super) fn asleep(&self) -> Asleep<'_> {
        let mut state = self.state.lock();
        state.asleep += 1;
        if !state.listening {
            self.roused.notify_one();
        }
        drop(state);
        Asleep(self)
    }

    /// Decides whether the runtime listens from now on. It does, unless somebody is awake and nobody asleep.
    pub(super) fn listens(&self) -> bool {
        let mut state = self.state.lock();
        state.listening = state.awake == 0 || state.asleep > 0;
        state.listening
    }

    /// Whether the runtime listens.
    pub(super) fn is_listening(&self) -> bool {
        self.state.lock().listening
    }

    /// Has it decided anew.
    pub(super) fn rouse(&self) {
        self.roused.notify_one();
    }

    /// Returns when it has to be decided anew.
    pub(super) async fn roused(&self) {
        self.roused.notified().await;
    }
}

impl Drop for Awake<'_> {
    fn drop(&mut self) {
        self.0.state.lock().awake -= 1;
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.0.state.lock().asleep -= 1;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn the_runtime_listens_unless_somebody_is_awake_and_nobody_asleep() {
        let ear = Ear::new();
        assert!(ear.listens());
        let awake = ear.awake();
        assert!(!ear.listens());
        let asleep = ear.asleep();
        assert!(ear.listens());
        drop(asleep);
        assert!(!ear.listens());
        drop(awake);
        assert!(ear.listens());
    }

    #[test]
    fn who_goes_to_sleep_unheard_rouses_it() {
        let ear = Ear::new();
        let _first = ear.asleep();
        assert!(ear.roused().now_or_never().is_none());
        let ear = Ear::new();
        let _awake = ear.awake();
        assert!(!ear.listens());
        let _second = ear.asleep();
        assert!(ear.roused().now_or_never().is_some());
        assert!(ear.listens());
    }
}
