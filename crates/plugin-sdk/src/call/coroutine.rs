use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use jackfield_plugin_abi::Status;
use jackfield_plugin_abi::frame::{Attachments, Caps, Frame, FrameError};
use jackfield_plugin_abi::messages::{Call, CallError, Event, Events, Outcome, Turn, code};
use serde_json::value::RawValue;

use super::{Opened, Wire, Work};
use crate::{Context, Plugin, Result};

/// A call that the host opened.
pub(crate) struct Coroutine {
    wire: Arc<Wire>,
    stage: Stage,
    woken: Arc<Woken>,
}

enum Stage {
    Running(Work),
    /// It failed before it began; the first resume says so.
    Failed(CallError),
    Over,
}

/// What a resume has to say.
pub(crate) struct Resumed {
    pub(crate) status: Status,
    pub(crate) turn: Turn<'static>,
    pub(crate) attachments: Attachments,
}

impl Coroutine {
    /// Begins the call that `bytes` describe.
    ///
    /// # Errors
    /// When they are no call. A call that cannot be done is one, and fails when it is resumed.
    pub(crate) fn open(plugin: &Plugin, bytes: &[u8]) -> Result<Self, FrameError> {
        let frame = Frame::decode(bytes, Caps::UNLIMITED)?;
        let call: Call<'_> = frame.parse()?;
        let wire = Arc::new(Wire::default());
        let context = Context::new(&call, wire.clone());
        let (call, frame) = (&call, &frame);
        let stage = match plugin.start(&Opened {
            call,
            frame,
            context,
        }) {
            Ok(work) => Stage::Running(work),
            Err(error) => Stage::Failed(error),
        };
        Ok(Self {
            wire,
            stage,
            woken: Arc::new(Woken::default()),
        })
    }

    /// Delivers events and runs the node as far as it gets.
    ///
    /// # Errors
    /// When the bytes are no events; the call is then over.
    pub(crate) fn resume(&mut self, events: &[u8]) -> Result<Resumed, FrameError> {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        let frame = Frame::decode(events, Caps::UNLIMITED)?;
        let events: Events<&RawValue> = frame.parse()?;
        let result = match stage {
            Stage::Over => Err(fault("The call was resumed after it had ended.")),
            Stage::Failed(error) => Err(error),
            Stage::Running(mut work) => match self.go_on(&mut work, events.events, &frame)? {
                Poll::Ready(result) => result,
                Poll::Pending => {
                    self.stage = Stage::Running(work);
                    return Ok(self.finish_turn(Status::PENDING, |_| ()));
                }
            },
        };
        Ok(self.finish_turn(Status::DONE, |turn| match result {
            Ok(outcome) => turn.result = Some(outcome),
            Err(error) => turn.error = Some(error),
        }))
    }

    /// Hands over what happened and polls. A cancellation is told first and by itself: with it the host refuses all that
    /// was asked for, and a node that waits for either would take the refusal for the end of its work.
    fn go_on(
        &self,
        work: &mut Work,
        events: Vec<Event<&RawValue>>,
        frame: &Frame<'_>,
    ) -> Result<Poll<Result<Outcome>>, FrameError> {
        if let Some(cancel) = events.iter().find_map(|event| event.cancel.as_ref()) {
            if !self.wire.cancel(&cancel.reason) {
                let cancelled = CallError::new(code::CANCELLED, cancel.reason.clone());
                return Ok(Poll::Ready(Err(cancelled)));
            }
            let polled = self.run(work);
            if polled.is_ready() {
                return Ok(polled);
            }
        }
        for Event { id, ok, err, .. } in events {
            match (ok, err) {
                (_, Some(error)) => self.wire.answer(id, Err(error), frame)?,
                (Some(answer), None) => self.wire.answer(id, Ok(answer), frame)?,
                (None, None) => {}
            }
        }
        Ok(self.run(work))
    }

    /// Polls until the node is done or waits for the host. A future that wakes its own task wants to be polled again at
    /// once: combinators of many futures yield that way.
    fn run(&self, work: &mut Work) -> Poll<Result<Outcome>> {
        let waker = Waker::from(self.woken.clone());
        let mut context = TaskContext::from_waker(&waker);
        loop {
            self.woken.0.store(false, Ordering::Relaxed);
            let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)));
            match polled {
                Err(panic) => return Poll::Ready(Err(panicked(&*panic))),
                Ok(Poll::Ready(result)) => return Poll::Ready(result),
                Ok(Poll::Pending) if self.woken.0.load(Ordering::Relaxed) => {}
                Ok(Poll::Pending) if self.wire.is_waiting() => return Poll::Pending,
                Ok(Poll::Pending) => return Poll::Ready(Err(stuck())),
            }
        }
    }

    fn finish_turn(&self, status: Status, finish: impl FnOnce(&mut Turn<'static>)) -> Resumed {
        let (mut turn, attachments) = self.wire.take_turn();
        if status == Status::DONE {
            // What a node asked for and then gave up before the host saw it.
            turn.effects.retain(|effect| !effect.kind.is_answered());
        }
        finish(&mut turn);
        Resumed {
            status,
            turn,
            attachments,
        }
    }
}

fn stuck() -> CallError {
    fault(
        "The node awaited something that is not a Jackfield host call, such as a timer or socket of another async \
         runtime; nothing can ever wake it. Use the node's context instead.",
    )
}

fn panicked(panic: &(dyn Any + Send)) -> CallError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let place = crate::export::last_panic_location();
    let place = place
        .map(|place| format!(" at {place}"))
        .unwrap_or_default();
    fault(format!(
        "The node panicked{place}: {}.",
        text.unwrap_or("no message")
    ))
}

fn fault(message: impl Into<String>) -> CallError {
    CallError::new(code::PLUGIN_FAULT, message)
}

/// The root waker: remembers that somebody wants to be polled again.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::Either;
    use jackfield_plugin_abi::frame::encode;
    use serde_json::{Value, json};

    use super::*;
    use crate::prelude::*;

    #[derive(Deserialize, JsonSchema)]
    struct Nap {
        ms: u64,
    }

    impl Node for Nap {
        const TYPE: &'static str = "nap";
        type Output = Output;

        fn about() -> About {
            About::new("Nap")
        }

        async fn run(self, context: Context) -> Result<Output> {
            let (early, late) = (
                context.sleep(Duration::from_millis(1)),
                context.sleep(Duration::from_millis(self.ms)),
            );
            futures_util::pin_mut!(early, late);
            futures_util::future::select(early, late).await;
            context.sleep(Duration::ZERO).await?;
            Ok(Output::data("rested"))
        }
    }

    fn open(call: &Value) -> Result<Coroutine, FrameError> {
        let plugin = Plugin::new("beds", "1.0.0").node::<Nap>();
        Coroutine::open(&plugin, &encode(call, &[]).unwrap())
    }

    fn nap() -> Coroutine {
        let call = json!({"op": "node.execute", "node": "nap", "config": {"ms": 5}, "input": {}, "attempt": 1, "idempotencyKey": "k"});
        open(&call).unwrap()
    }

    fn resume(call: &mut Coroutine, events: &Value) -> String {
        let resumed = call.resume(&encode(events, &[]).unwrap()).unwrap();
        format!(
            "{} {}",
            resumed.status.0,
            serde_json::to_string(&resumed.turn).unwrap()
        )
    }

    #[test]
    fn a_call_goes_from_effects_to_its_result() {
        let mut call = nap();
        assert_eq!(
            resume(&mut call, &json!({})),
            r#"1 {"effects":[{"id":1,"sleep":{"ms":1}},{"id":2,"sleep":{"ms":5}}]}"#
        );
        assert_eq!(
            resume(&mut call, &json!({"events": [{"id": 1, "ok": {}}]})),
            r#"1 {"effects":[{"id":3,"sleep":{"ms":0}}]}"#
        );
        // The answer to what is no longer awaited changes nothing, nor does one that was never asked for.
        assert_eq!(
            resume(
                &mut call,
                &json!({"events": [{"id": 2, "ok": {}}, {"id": 9, "ok": {}}]})
            ),
            "1 {}"
        );
        assert_eq!(
            resume(&mut call, &json!({"events": [{"id": 3, "ok": {}}]})),
            r#"0 {"result":{"port":"data-out","output":"rested"}}"#
        );
        assert!(resume(&mut call, &json!({})).contains("resumed after it had ended"));
    }

    #[test]
    fn a_cancelled_call_ends_at_once() {
        let mut call = nap();
        resume(&mut call, &json!({}));
        assert_eq!(
            resume(
                &mut call,
                &json!({"events": [{"cancel": {"reason": "The run was cancelled."}}]})
            ),
            r#"0 {"error":{"code":"CANCELLED","message":"The run was cancelled.","retryable":false}}"#
        );
    }

    /// Waits for an hour, unless it is cancelled.
    #[derive(Deserialize, JsonSchema)]
    struct Guard {}

    impl Node for Guard {
        const TYPE: &'static str = "guard";
        type Output = Output;

        fn about() -> About {
            About::new("Guard")
        }

        async fn run(self, context: Context) -> Result<Output> {
            let (hour, cancelled) = (
                context.sleep(Duration::from_secs(3600)),
                context.cancelled(),
            );
            futures_util::pin_mut!(hour);
            match futures_util::future::select(hour, cancelled).await {
                Either::Left((slept, _)) => slept.map(|()| Output::data("slept")),
                Either::Right((reason, _)) => Ok(Output::data(&reason)),
            }
        }
    }

    #[test]
    fn a_cancellation_comes_before_what_is_refused_with_it() {
        let plugin = Plugin::new("beds", "1.0.0").node::<Guard>();
        let call = json!({"op": "node.execute", "node": "guard", "config": {}, "input": {}, "attempt": 1, "idempotencyKey": "k"});
        let mut call = Coroutine::open(&plugin, &encode(&call, &[]).unwrap()).unwrap();
        resume(&mut call, &json!({}));
        let refused = json!({"code": "CANCELLED", "message": "No longer wanted."});
        assert_eq!(
            resume(
                &mut call,
                &json!({"events": [{"id": 1, "err": refused}, {"cancel": {"reason": "No longer wanted."}}]})
            ),
            r#"0 {"result":{"port":"data-out","output":"No longer wanted."}}"#
        );
    }

    #[test]
    fn an_answer_of_another_shape_is_malformed() {
        let mut call = nap();
        resume(&mut call, &json!({}));
        let answer = encode(&json!({"events": [{"id": 1, "ok": "yes"}]}), &[]).unwrap();
        assert!(call.resume(&answer).is_err());
    }

    #[test]
    fn what_the_plugin_does_not_know_is_unsupported() {
        let begin = |op: &str, node: &str| {
            let call = json!({"op": op, "node": node, "config": {"ms": 5}, "input": {}, "attempt": 1, "idempotencyKey": "k"});
            resume(&mut open(&call).unwrap(), &json!({}))
        };
        assert_eq!(
            begin("node.dream", "nap"),
            r#"0 {"error":{"code":"UNSUPPORTED","message":"The plugin beds 1.0.0 does not know the operation node.dream.","retryable":false}}"#
        );
        assert_eq!(
            begin("node.execute", "sofa"),
            r#"0 {"error":{"code":"UNSUPPORTED","message":"The plugin beds 1.0.0 has no node type sofa.","retryable":false}}"#
        );
        assert!(open(&json!({"op": "node.execute"})).is_err());
    }

    /// Damages frames at random, always in the same way.
    fn damage(frame: &[u8], seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut damaged = frame.to_vec();
        for _ in 0..=next(4) {
            let position = next(damaged.len());
            damaged[position] = u8::try_from(next(256)).unwrap();
        }
        damaged.truncate(frame.len() - next(8) / 7 * next(frame.len()));
        damaged
    }

    #[test]
    fn damaged_frames_break_nothing() {
        let plugin = Plugin::new("beds", "1.0.0").node::<Nap>();
        let call = json!({"op": "node.execute", "node": "nap", "config": {"ms": 5}, "input": {}, "attempt": 1, "idempotencyKey": "k"});
        let call = encode(&call, b"raw").unwrap();
        let events = encode(&json!({"events": [{"id": 1, "ok": {}}, {"id": 2, "err": {"code": "X", "message": ""}}]}), &[]).unwrap();
        let (mut opened, mut resumed) = (0, 0);
        for seed in 0..2000 {
            opened += usize::from(Coroutine::open(&plugin, &damage(&call, seed)).is_ok());
            let mut nap = nap();
            nap.resume(&[]).unwrap();
            resumed += usize::from(nap.resume(&damage(&events, seed)).is_ok());
        }
        assert!(opened > 0 && opened < 2000, "{opened}");
        assert!(resumed > 0 && resumed < 2000, "{resumed}");
    }
}
