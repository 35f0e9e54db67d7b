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
