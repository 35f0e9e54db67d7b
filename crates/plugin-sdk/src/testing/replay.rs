//! Runs of one call: the first with the outside world, the others with what the first one heard.

use jackfield_plugin_abi::Status;
use jackfield_plugin_abi::frame::{Caps, Frame, encode};
use jackfield_plugin_abi::messages::{
    CallError, Cancel, Effect, EffectKind, Event, Events, Outcome, Turn, code,
};
use serde_json::value::RawValue;

use super::world::World;
use crate::call::Coroutine;

/// What was said in one call.
pub(super) struct Journal {
    /// What each resume heard, and said.
    turns: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) result: Result<Outcome, CallError>,
}

/// More resumes than a test can want: a node that loops for ever.
const MOST_TURNS: usize = 100_000;
/// At how many awaits a call is stopped.
const MOST_STOPS: usize = 100;

fn resume(call: &mut Coroutine, events: &[u8]) -> (Status, Vec<u8>) {
    let resumed = call.resume(events).expect("the events are well formed");
    let bytes = encode(&resumed.turn, resumed.attachments.bytes()).expect("a turn can be written");
    (resumed.status, bytes)
}

/// Runs a call with the outside world.
#[track_caller]
pub(super) fn first(mut call: Coroutine, world: &mut World) -> Journal {
    let mut turns = Vec::new();
    let mut events = Vec::new();
    while turns.len() < MOST_TURNS {
        let (status, bytes) = resume(&mut call, &events);
        let frame = Frame::decode(&bytes, Caps::default()).expect("what was written can be read");
        let turn: Turn<'_> = frame.parse().expect("a turn can be read");
        let next = world.perform(&turn.effects, &frame);
        let (result, error) = (turn.result, turn.error);
        turns.push((std::mem::replace(&mut events, next), bytes));
        if status == Status::DONE {
            let result =
                result.ok_or_else(|| error.expect("a call ends with a result or an error"));
            return Journal { turns, result };
        }
    }
    panic!("the call does not end: it was resumed {MOST_TURNS} times");
}

/// Runs a call with the same answers, and holds it to what it said first: a host replays a call from its journal.
#[track_caller]
pub(super) fn again(mut call: Coroutine, journal: &Journal) {
    for (index, (events, said)) in journal.turns.iter().enumerate() {
        let (_, now) = resume(&mut call, events);
        if now != *said {
            panic!(
                "the call is not deterministic: with the same answers it does something else. First difference, {}",
                difference(index, said, &now)
            );
        }
    }
}

/// Names the first effect that differs.
fn difference(turn: usize, first: &[u8], second: &[u8]) -> String {
    let read = |bytes: &[u8]| {
        let frame = Frame::decode(bytes, Caps::default()).expect("what was written can be read");
        let turn: Turn<'_> = frame.parse().expect("a turn can be read");
        let mut said: Vec<String> = turn
            .effects
            .iter()
            .map(|effect| told(effect, &frame))
            .collect();
        said.extend(
            turn.result
                .map(|outcome| format!("the result {}", outcome.output.get())),
        );
        said.extend(turn.error.map(|error| format!("the error {error}")));
        said
    };
    let (first, second) = (read(first), read(second));
    let at = (0..)
        .find(|&at| first.get(at) != second.get(at))
        .unwrap_or_default();
    let nothing = "nothing".to_owned();
    let (first, second) = (
        first.get(at).unwrap_or(&nothing),
        second.get(at).unwrap_or(&nothing),
    );
    format!(
        "resume {}, effect {}:\n  first: {first}\n  then:  {second}",
        turn + 1,
        at + 1
    )
}

fn told(effect: &Effect<'_>, frame: &Frame<'_>) -> String {
    let json = serde_json::to_string(effect).expect("an effect can be written");
    match &effect.kind {
        EffectKind::HttpRequest(request) => {
            let body = request
                .body
                .and_then(|body| frame.attachment(body).ok())
                .unwrap_or_default();
            format!(
                "{} {} {json} {}",
                request.method,
                request.url,
                String::from_utf8_lossy(body)
            )
        }
        kind => format!("{} {json}", kind.name()),
    }
}

/// Drops and cancels a call at each of its awaits. Neither may break it.
#[track_caller]
pub(super) fn stopped(open: impl Fn() -> Coroutine, journal: &Journal) {
    let awaits = journal.turns.len().saturating_sub(1).min(MOST_STOPS);
    let until = |stop: usize| {
        let mut call = open();
        for (events, _) in journal.turns.iter().take(stop) {
            resume(&mut call, events);
        }
        call
    };
    for stop in 0..=awaits {
        drop(until(stop));
        if stop > 0 {
            cancel(until(stop), stop);
        }
    }
}

/// Cancels a call and answers what it still asks for with an error.
#[track_caller]
fn cancel(mut call: Coroutine, stop: usize) {
    let reason = "The test cancels the call.".to_owned();
    let cancelled: Event<&RawValue> = Event {
        id: 0,
        ok: None,
        err: None,
        cancel: Some(Cancel { reason }),
    };
    let mut events = encode(
        &Events {
            events: vec![cancelled],
        },
        &[],
    )
    .expect("an event can be written");
    for _ in 0..100 {
        let (status, bytes) = resume(&mut call, &events);
        let frame = Frame::decode(&bytes, Caps::default()).expect("what was written can be read");
        let turn: Turn<'_> = frame.parse().expect("a turn can be read");
        if let Some(error) = turn.error.filter(|error| error.code == code::PLUGIN_FAULT) {
            panic!("the call breaks when it is cancelled at await {stop}: {error}");
        }
        if status == Status::DONE {
            return;
        }
        let refused = |effect: &Effect<'_>| {
            Event::<&RawValue>::err(
                effect.id,
                CallError::new(code::CANCELLED, "The call is cancelled."),
            )
        };
        let asked = turn.effects.iter().filter(|effect| effect.id != 0);
        events = encode(
            &Events {
                events: asked.map(refused).collect(),
            },
            &[],
        )
        .expect("events can be written");
    }
    panic!("the call that was cancelled at await {stop} does not end");
}
