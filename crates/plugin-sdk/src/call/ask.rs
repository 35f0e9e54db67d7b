use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use jackfield_plugin_abi::frame::{Attachments, Frame, FrameError};
use jackfield_plugin_abi::messages::{CallError, EffectKind};
use serde_json::value::RawValue;

use super::wire::{Deliver, Wire};

/// A host call: queues its effect when it is first polled, and is ready when the answer came.
///
/// It keeps the waker of the last poll and fires it: a combinator such as `join_all` polls only what was woken.
pub(crate) struct Ask<T> {
    wire: Arc<Wire>,
    answer: Arc<Answer<T>>,
    stage: Stage,
}

enum Stage {
    Prepared(MakeEffect),
    Sent(u64),
    Over,
}

type MakeEffect = Box<dyn FnOnce(&mut Attachments) -> EffectKind<'static> + Send>;

/// Reads an answer out of the frame that carries it.
type Read<T> = fn(&RawValue, &Frame<'_>) -> Result<T, FrameError>;

struct Answer<T> {
    read: Read<T>,
    state: Mutex<AnswerState<T>>,
}

enum AnswerState<T> {
    Awaited(Option<Waker>),
    Here(Result<T, CallError>),
}

impl<T: Send + 'static> Ask<T> {
    pub(crate) fn new(
        wire: Arc<Wire>,
        effect: impl FnOnce(&mut Attachments) -> EffectKind<'static> + Send + 'static,
        read: Read<T>,
    ) -> Self {
        let state = Mutex::new(AnswerState::Awaited(None));
        Self {
            wire,
            answer: Arc::new(Answer { read, state }),
            stage: Stage::Prepared(Box::new(effect)),
        }
    }
}

impl<T: Send + 'static> Future for Ask<T> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(answer) = self.answer.take(context.waker()) {
            self.stage = Stage::Over;
            return Poll::Ready(answer);
        }
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Prepared(effect) => Stage::Sent(self.wire.ask(effect, self.answer.clone())),
            stage => stage,
        };
        Poll::Pending
    }
}

impl<T> Drop for Ask<T> {
    fn drop(&mut self) {
        if let Stage::Sent(id) = self.stage {
            self.wire.forget(id);
        }
    }
}

impl<T> Answer<T> {
    /// Takes the answer, or keeps the waker for when it comes.
    fn take(&self, waker: &Waker) -> Option<Result<T, CallError>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, AnswerState::Awaited(Some(waker.clone()))) {
            AnswerState::Here(answer) => Some(answer),
            AnswerState::Awaited(_) => None,
        }
    }
}

impl<T: Send> Deliver for Answer<T> {
    fn deliver(
        &self,
        answer: Result<&RawValue, CallError>,
        frame: &Frame<'_>,
    ) -> Result<Option<Waker>, FrameError> {
        let answer = match answer {
            Ok(json) => Ok((self.read)(json, frame)?),
            Err(error) => Err(error),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, AnswerState::Here(answer)) {
            AnswerState::Awaited(waker) => Ok(waker),
            AnswerState::Here(_) => Ok(None),
        }
    }
}
