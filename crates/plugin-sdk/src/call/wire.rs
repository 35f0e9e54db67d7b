use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use jackfield_plugin_abi::frame::{Attachments, Frame, FrameError};
use jackfield_plugin_abi::messages::{CallError, Effect, EffectKind, Turn};
use serde_json::value::RawValue;

/// What a node's futures and the host exchange: effects that wait to be written, and who waits for which answer.
///
/// A call is resumed by one thread at a time, so nothing ever waits for the lock.
#[derive(Default)]
pub(crate) struct Wire(Mutex<State>);

#[derive(Default)]
struct State {
    last_id: u64,
    turn: Turn<'static>,
    attachments: Attachments,
    waiting: BTreeMap<u64, Arc<dyn Deliver>>,
    /// How many effects of each kind were given a key.
    keyed: BTreeMap<u64, u32>,
    cancelled: Option<String>,
    /// Those who want to know of a cancellation: some are awaiting it, some will.
    on_cancel: Vec<Waker>,
    listeners: usize,
}

/// Somebody who waits for an answer. Returns whom to wake.
pub(crate) trait Deliver: Send + Sync {
    fn deliver(
        &self,
        answer: Result<&RawValue, CallError>,
        frame: &Frame<'_>,
    ) -> Result<Option<Waker>, FrameError>;
}

impl Wire {
    /// Queues an effect that is not answered.
    pub(crate) fn tell(&self, kind: EffectKind<'static>) {
        self.state().turn.effects.push(Effect { id: 0, kind });
    }

    /// Queues an effect; its answer goes to `receiver`. Returns its id.
    pub(crate) fn ask(
        &self,
        effect: impl FnOnce(&mut Attachments) -> EffectKind<'static>,
        receiver: Arc<dyn Deliver>,
    ) -> u64 {
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        let kind = effect(&mut state.attachments);
        state.turn.effects.push(Effect { id, kind });
        state.waiting.insert(id, receiver);
        id
    }

    /// Nobody waits for this answer any more.
    pub(crate) fn forget(&self, id: u64) {
        self.state().waiting.remove(&id);
    }

    /// Hands an answer to whoever waits for it.
    pub(crate) fn answer(
        &self,
        id: u64,
        answer: Result<&RawValue, CallError>,
        frame: &Frame<'_>,
    ) -> Result<(), FrameError> {
        let receiver = self.state().waiting.remove(&id);
        let Some(receiver) = receiver else {
            return Ok(());
        };
        if let Some(waker) = receiver.deliver(answer, frame)? {
            waker.wake();
        }
        Ok(())
    }

    /// A key of an effect: the step's, what kind of effect it is, and how many such came before.
    pub(crate) fn effect_key(&self, step_key: &str, kind: &str) -> String {
        let kind = fingerprint(kind);
        let mut state = self.state();
        let count = state.keyed.entry(kind).or_default();
        *count += 1;
        format!("{step_key}-{:08x}-{count}", kind & 0xffff_ffff)
    }

    /// Tells the node that its call is cancelled. Returns whether it wants to know.
    pub(crate) fn cancel(&self, reason: &str) -> bool {
        let mut state = self.state();
        state.cancelled.get_or_insert_with(|| reason.to_owned());
        let (wakers, listens) = (mem::take(&mut state.on_cancel), state.listeners > 0);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        listens
    }

    /// Somebody wants to know of a cancellation, or no longer.
    pub(crate) fn listen(&self, more: bool) {
        let mut state = self.state();
        state.listeners = match more {
            true => state.listeners + 1,
            false => state.listeners.saturating_sub(1),
        };
    }

    /// Why the call is cancelled; otherwise wakes the waker when it is.
    pub(crate) fn cancellation(&self, waker: &Waker) -> Option<String> {
        let mut state = self.state();
        let is_known = state.on_cancel.iter().any(|known| known.will_wake(waker));
        if state.cancelled.is_none() && !is_known {
            state.on_cancel.push(waker.clone());
        }
        state.cancelled.clone()
    }

    /// Whether an answer is still to come.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.state().waiting.is_empty()
    }

    /// Takes what there is to write.
    pub(crate) fn take_turn(&self) -> (Turn<'static>, Attachments) {
        let mut state = self.state();
        (
            mem::take(&mut state.turn),
            mem::take(&mut state.attachments),
        )
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// FNV-1a, which is the same in every build: keys outlive a plugin's version.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
