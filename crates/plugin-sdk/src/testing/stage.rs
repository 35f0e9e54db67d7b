use std::collections::VecDeque;
use std::time::Duration;

use jackfield_plugin_abi::Status;
use jackfield_plugin_abi::frame::{Attachments, Caps, Frame, encode};
use jackfield_plugin_abi::messages::{
    Answer, Call, CallError, CredentialSlot, Effect, EffectKind, Empty, Event, Events,
    NODE_EXECUTE, RandomBytes, Time, Turn, code,
};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::{Ran, Reply, SentRequest};
use crate::call::Coroutine;
use crate::{Node, Plugin};

/// A node that is about to run. Made with [`node`].
pub struct Stage {
    plugin: Plugin,
    node_type: &'static str,
    config: Box<RawValue>,
    input: Box<RawValue>,
    credentials: Vec<(String, String, Box<RawValue>)>,
    attempt: u32,
    replies: Replies,
}

enum Replies {
    Scripted(VecDeque<Reply>),
    Computed(Box<dyn FnMut(&SentRequest) -> Reply>),
}

/// Puts a node with this config on a stage.
pub fn node<N: Node>(config: Value) -> Stage {
    Stage {
        plugin: Plugin::new("test", "0.0.0").node::<N>(),
        node_type: N::TYPE,
        config: raw(&config),
        input: raw(&Value::Null),
        credentials: Vec::new(),
        attempt: 1,
        replies: Replies::Scripted(VecDeque::new()),
    }
}

fn raw(value: &Value) -> Box<RawValue> {
    to_raw_value(value).expect("a value is JSON")
}

impl Stage {
    /// What comes in. Null unless given.
    #[must_use]
    pub fn input(mut self, input: &Value) -> Self {
        self.input = raw(input);
        self
    }

    /// The node has a connected app of this provider.
    #[must_use]
    pub fn connected_app(mut self, provider: &str, settings: &Value) -> Self {
        let slot = CredentialSlot::DEFAULT.to_owned();
        self.credentials
            .push((slot, provider.to_owned(), raw(settings)));
        self
    }

    /// It is the nth try.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Answers the next request that has no reply yet.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        match &mut self.replies {
            Replies::Scripted(replies) => replies.push_back(reply),
            Replies::Computed(_) => self.replies = Replies::Scripted([reply].into()),
        }
        self
    }

    /// Answers every request.
    #[must_use]
    pub fn reply_with(mut self, reply: impl FnMut(&SentRequest) -> Reply + 'static) -> Self {
        self.replies = Replies::Computed(Box::new(reply));
        self
    }

    /// Runs the node to its end.
    ///
    /// # Panics
    /// When the node sends more requests than there are replies, or the messages are broken.
    #[track_caller]
    pub fn run(mut self) -> Ran {
        let mut coroutine = self.open();
        let mut world = World {
            replies: std::mem::replace(&mut self.replies, Replies::Scripted(VecDeque::new())),
            sleeping: Vec::new(),
            unix_micros: 1_767_225_600_000_000,
            ran: Ran {
                result: Err(CallError::new(code::INTERNAL, "")),
                requests: Vec::new(),
                logs: Vec::new(),
                progress: Vec::new(),
                slept: Duration::ZERO,
                most_in_flight: 0,
            },
        };
        let mut events = Vec::new();
        loop {
            let resumed = coroutine
                .resume(&events)
                .expect("the events are well formed");
            let bytes =
                encode(&resumed.turn, resumed.attachments.bytes()).expect("a turn can be written");
            let frame =
                Frame::decode(&bytes, Caps::default()).expect("what was written can be read");
            let turn: Turn<'_> = frame.parse().expect("a turn can be read");
            let (effects, result, error) = (turn.effects, turn.result, turn.error);
            events = world.perform(&effects, &frame);
            if resumed.status == Status::DONE {
                world.ran.result =
                    result.ok_or_else(|| error.expect("a call ends with a result or an error"));
                return world.ran;
            }
        }
    }

    fn open(&self) -> Coroutine {
        let slots = self
            .credentials
            .iter()
            .map(|(slot, provider, settings)| CredentialSlot {
                slot: slot.into(),
                provider: provider.into(),
                settings: Some(settings),
            });
        let call = Call {
            op: NODE_EXECUTE.into(),
            node: self.node_type.into(),
            provider: None,
            config: &self.config,
            input: &self.input,
            credentials: slots.collect(),
            attempt: self.attempt,
            idempotency_key: "step_test".into(),
            timeout_ms: None,
            run: None,
        };
        let bytes = encode(&call, &[]).expect("a call can be written");
        Coroutine::open(&self.plugin, &bytes).expect("a call can be read")
    }
}

/// The outside world: answers what it can at once, and lets time pass when nothing else is left.
struct World {
    replies: Replies,
    sleeping: Vec<(u64, i64)>,
    unix_micros: i64,
    ran: Ran,
}

impl World {
    fn perform(&mut self, effects: &[Effect<'_>], frame: &Frame<'_>) -> Vec<u8> {
        let mut attachments = Attachments::default();
        let answers = effects.iter().filter_map(|effect| {
            let answer = self.answer(effect, frame, &mut attachments)?;
            Some(answer.map_or_else(
                |error| Event::err(effect.id, error),
                |answer| Event::ok(effect.id, answer),
            ))
        });
        let mut events: Vec<Event<Answer<'_>>> = answers.collect();
        let is_request = |effect: &&Effect<'_>| matches!(effect.kind, EffectKind::HttpRequest(_));
        let in_flight = effects.iter().filter(is_request).count();
        self.ran.most_in_flight = self.ran.most_in_flight.max(in_flight);
        if events.is_empty() {
            events.extend(self.wake_next());
        }
        encode(&Events { events }, attachments.bytes()).expect("answers can be written")
    }

    fn answer(
        &mut self,
        effect: &Effect<'_>,
        frame: &Frame<'_>,
        attachments: &mut Attachments,
    ) -> Option<Result<Answer<'static>, CallError>> {
        Some(Ok(match &effect.kind {
            EffectKind::HttpRequest(request) => {
                let sent = SentRequest::new(request, frame);
                let reply = self.next_reply(&sent);
                self.ran.requests.push(sent);
                return Some(reply.answer(request, attachments));
            }
            EffectKind::Sleep(sleep) => {
                let micros = i64::try_from(sleep.ms)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(1000);
                self.sleeping
                    .push((effect.id, self.unix_micros.saturating_add(micros)));
                return None;
            }
            EffectKind::Log(log) => {
                self.ran.logs.push((log.level, log.message.to_string()));
                return None;
            }
            EffectKind::Progress(progress) => {
                let message = progress.message.as_deref().unwrap_or_default();
                self.ran
                    .progress
                    .push((progress.fraction, message.to_owned()));
                return None;
            }
            EffectKind::Now(_) => Answer::Time(Time {
                unix_micros: self.unix_micros,
            }),
            EffectKind::Random(random) => {
                let bytes: Vec<u8> = (0..random.len).map(|index| (index % 251) as u8).collect();
                let bytes = attachments.attach(&bytes);
                Answer::Random(RandomBytes { bytes })
            }
            other => {
                let message = format!("The stage does not perform {}.", other.name());
                return Some(Err(CallError::new(code::UNSUPPORTED, message)));
            }
        }))
    }

    fn next_reply(&mut self, request: &SentRequest) -> Reply {
        match &mut self.replies {
            Replies::Computed(reply) => reply(request),
            Replies::Scripted(replies) => replies.pop_front().unwrap_or_else(|| {
                panic!("no reply is left for {} {}", request.method, request.url)
            }),
        }
    }

    /// Lets time pass until the next sleeper wakes.
    fn wake_next(&mut self) -> Option<Event<Answer<'static>>> {
        let (position, _) = self
            .sleeping
            .iter()
            .enumerate()
            .min_by_key(|(_, (_, until))| *until)?;
        let (id, until) = self.sleeping.swap_remove(position);
        let passed = u64::try_from(until - self.unix_micros).unwrap_or_default();
        self.ran.slept += Duration::from_micros(passed);
        self.unix_micros = self.unix_micros.max(until);
        Some(Event::ok(id, Answer::Empty(Empty {})))
    }
}
