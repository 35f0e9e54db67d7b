//! Plays a call from beginning to end, as the host would, with answers that are made up.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use jackfield_plugin_abi::frame::{Attachments, Caps, Frame, encode};
use jackfield_plugin_abi::messages::{CallError, Event, Events, Outcome, Turn};

use super::world::{Asked, World};
use crate::kept;
use crate::transport::process::Process;
use crate::transport::{Conversation, Fault, Reply, Transport};

/// Most stops of one call. A node that lists pages for as long as there are any is cut short.
pub(super) const MOST_TURNS: usize = 64;

/// A call that is being played.
pub(super) struct Play {
    talk: Box<dyn Conversation>,
    seen: HashSet<u64>,
    /// What waits for an answer.
    pub(super) asked: Vec<Asked>,
    /// What the plugin wrote at each stop.
    pub(super) frames: Vec<Bytes>,
}

/// Where a call stands.
pub(super) enum Stop {
    /// It waits for what it asked for.
    Waits,
    Done(Outcome),
    Failed(CallError),
}

/// Why a call is no good.
#[derive(Debug)]
pub(super) enum Wrong {
    /// The plugin did not come back as it should.
    Fault(Fault),
    /// It broke a rule of calls.
    Rule(String),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => write!(f, "{fault}"),
            Self::Rule(rule) => write!(f, "{rule}"),
        }
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Play {
    /// Begins a call.
    pub(super) async fn open(process: &Process, call: &[u8]) -> Result<(Self, Stop), Wrong> {
        let (talk, reply) = process.open(call).await?;
        let mut play = Self {
            talk,
            seen: HashSet::new(),
            asked: Vec::new(),
            frames: Vec::new(),
        };
        let stop = play.take(reply)?;
        Ok((play, stop))
    }

    /// Answers all that was asked for.
    pub(super) async fn answer(&mut self, world: &mut World<'_>) -> Result<Stop, Wrong> {
        let mut attachments = Attachments::default();
        let asked = std::mem::take(&mut self.asked);
        let answers: Vec<_> = asked.iter().map(|asked| world.answer(asked)).collect();
        let events = answers
            .iter()
            .zip(&asked)
            .map(|(answer, asked)| match answer {
                Ok(answer) => Event::ok(asked.id, answer.message(&mut attachments)),
                Err(error) => Event::err(asked.id, error.clone()),
            });
        let events = Events {
            events: events.collect(),
        };
        let frame = encode(&events, attachments.bytes());
        let frame = frame.map_err(|error| Wrong::Rule(error.to_string()))?;
        self.resume(frame).await
    }

    /// Hands over any bytes.
    pub(super) async fn resume(&mut self, events: Vec<u8>) -> Result<Stop, Wrong> {
        let reply = self.talk.resume(events).await?;
        self.take(reply)
    }

    /// Cancels the call. What it waits for is given up.
    pub(super) async fn cancel(&mut self) -> Result<Stop, Wrong> {
        self.asked.clear();
        let events: Events<()> = Events {
            events: vec![Event::cancel("the check cancels it")],
        };
        let frame = encode(&events, &[]).map_err(|error| Wrong::Rule(error.to_string()))?;
        self.resume(frame).await
    }

    fn take(&mut self, reply: Reply) -> Result<Stop, Wrong> {
        self.frames.push(reply.frame.clone());
        self.read(&reply).map_err(Wrong::Rule)
    }

    fn read(&mut self, reply: &Reply) -> Result<Stop, String> {
        let bad = |error: &dyn std::fmt::Display| format!("it wrote a bad frame: {error}");
        let frame = Frame::decode(&reply.frame, Caps::default()).map_err(|error| bad(&error))?;
        let turn: Turn<'_> = frame.parse().map_err(|error| bad(&error))?;
        for effect in &turn.effects {
            let name = effect.kind.name();
            if !effect.kind.is_answered() {
                continue;
            }
            if reply.done {
                return Err(format!("it asked for {name} and finished at once"));
            }
            if effect.id == 0 {
                return Err(format!("it asked for {name} without an id"));
            }
            if !self.seen.insert(effect.id) {
                return Err(format!("it used the effect id {} twice", effect.id));
            }
            self.asked.push(Asked::of(effect, &frame)?);
        }
        let kept = |member: &str, value: &serde_json::value::RawValue| {
            kept::check(value).map_err(|error| format!("its {member} cannot be kept: {error}"))
        };
        match (reply.done, turn.result, turn.error) {
            (false, None, None) if self.asked.is_empty() => Err(
                "it returned JF_PENDING, but waits for nothing that it asked the host for".into(),
            ),
            (false, None, None) => Ok(Stop::Waits),
            (true, Some(outcome), None) => {
                kept("output", &outcome.output)?;
                Ok(Stop::Done(outcome))
            }
            (true, None, Some(error)) => {
                error
                    .data
                    .as_deref()
                    .map_or(Ok(()), |data| kept("error.data", data))?;
                match error.code.is_empty() {
                    true => Err("it failed with an error that has no code".into()),
                    false => Ok(Stop::Failed(error)),
                }
            }
            (true, None, None) => Err("it returned JF_DONE without result or error".into()),
            (true, Some(_), Some(_)) => Err("it finished with both a result and an error".into()),
            (false, _, _) => Err("it gave a result and returned JF_PENDING".into()),
        }
    }
}

/// How a whole call ended.
pub(super) enum End {
    Done(Outcome),
    Failed(CallError),
    /// It still asked for more after [`MOST_TURNS`].
    Endless,
}

/// Plays a call to its end. Also returns what the plugin wrote at each stop.
pub(super) async fn play(
    process: &Process,
    call: &[u8],
    world: &mut World<'_>,
) -> Result<(End, Vec<Bytes>), Wrong> {
    let (mut play, mut stop) = Play::open(process, call).await?;
    for _ in 0..MOST_TURNS {
        stop = match stop {
            Stop::Waits => play.answer(world).await?,
            Stop::Done(outcome) => return Ok((End::Done(outcome), play.frames)),
            Stop::Failed(error) => return Ok((End::Failed(error), play.frames)),
        };
    }
    Ok((End::Endless, play.frames))
}

/// Plays a call for so many stops; none when it ends before.
pub(super) async fn play_until(
    process: &Process,
    call: &[u8],
    world: &mut World<'_>,
    stops: usize,
) -> Result<Option<Play>, Wrong> {
    let (mut play, mut stop) = Play::open(process, call).await?;
    for _ in 0..stops {
        match stop {
            Stop::Waits => stop = play.answer(world).await?,
            _ => return Ok(None),
        }
    }
    Ok(matches!(stop, Stop::Waits).then_some(play))
}

/// Whether the process goes on after a call was closed. One that ended was replaced for the next call.
pub(super) async fn survived(process: &Process, pid: Option<u32>) -> Result<(), String> {
    let described = process.describe().await;
    described.map_err(|fault| fault.to_string())?;
    if process.pid() == pid {
        return Ok(());
    }
    loop {
        if let Some(reason) = process.health().last_error {
            return Err(reason);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
