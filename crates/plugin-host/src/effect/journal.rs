//! The journal inside a call: what the plugin was told, so that a call whose process died goes on where it was.
//!
//! A turn is one frame of answers. Before a second or later request is sent, every turn so far is on disk; so a call with a
//! single request writes nothing, and one with several writes once per wave of answers. To go on, the plugin is told the
//! same turns again, frame by frame, without anything being sent; what it asks for on the way has to be what it asked
//! for then. If it is not, because the plugin does not repeat itself, the call starts over and says so.
//!
//! A turn with a revealed secret is on disk without its answers: a secret is never written down. Such a turn is not told again
//! but answered anew, which changes nothing outside.
//!
//! A call may be opened, and the plugin asked what it wants first, while it is being written that the call begins. Nothing of
//! that is done before it is written.
//!
//! A request that was asked for, but whose answer is not in the journal, may have been sent. It is sent again with the same
//! idempotency key.

use std::collections::{HashSet, VecDeque};

use aws_lc_rs::digest::{Context, SHA256};
use jackfield_plugin_abi::frame::{Caps, Frame};
use jackfield_plugin_abi::messages::{CallError, Effect, EffectKind, Events, HttpRequest};
use serde_json::value::RawValue;

use crate::services::{CallJournal, Earlier, RecordedTurn};

/// A request may have been sent, and sending it again could do it twice.
pub const UNCERTAIN: &str = "UNCERTAIN";

/// The journal of one call.
pub(crate) struct Journal<'a> {
    services: Option<&'a dyn CallJournal>,
    /// The idempotency key of the call.
    key: &'a str,
    /// The turns that the plugin is still to be told again.
    recorded: VecDeque<RecordedTurn>,
    /// The effects that are answered in them.
    answered: HashSet<u64>,
    /// How many turns the plugin was told.
    told: usize,
    /// Until how many turns a request may have been sent by an earlier try; requests that must not be repeated are refused
    /// until then. The first requests of a call are sent with no turn on disk, whatever the plugin was told before them.
    suspect: Option<usize>,
    /// Turns that are not on disk.
    pending: Vec<RecordedTurn>,
    /// Whether a secret was asked for at this stop.
    reveals: bool,
    /// Whether the answers to the last stop are written down.
    keeps: bool,
    /// Requests before this stop, and at it.
    requests: (usize, usize),
    asked: Context,
    /// What was sent under the call's idempotency key, in order.
    keyed: Vec<[u8; 32]>,
}

/// Why a call cannot go on.
pub(crate) enum Stop {
    /// The plugin asked for something else than the first time.
    Diverged,
    Failed(CallError),
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

impl<'a> Journal<'a> {
    /// The journal of a call with this idempotency key, and what there is of it already.
    pub(crate) async fn open(
        services: Option<&'a dyn CallJournal>,
        key: &'a str,
        caps: Caps,
    ) -> Result<Self, CallError> {
        let earlier = match services {
            Some(journal) => journal.recall().await?,
            None => None,
        };
        let mut journal = Self {
            services,
            key,
            recorded: VecDeque::new(),
            answered: HashSet::new(),
            told: 0,
            suspect: None,
            pending: Vec::new(),
            reveals: false,
            keeps: false,
            requests: (0, 0),
            asked: Context::new(&SHA256),
            keyed: Vec::new(),
        };
        if let Some(earlier) = earlier {
            journal.take_up(earlier, caps);
        }
        Ok(journal)
    }

    fn take_up(&mut self, earlier: Earlier, caps: Caps) {
        let known = earlier.turns.len();
        if earlier.guarded {
            self.suspect = Some(if earlier.foreign { usize::MAX } else { known });
        }
        for turn in &earlier.turns {
            let frame = Frame::decode(&turn.frame, caps);
            let events: Option<Events<Box<RawValue>>> = frame.ok().and_then(|f| f.parse().ok());
            let ids = events.into_iter().flat_map(|events| events.events);
            self.answered.extend(ids.map(|event| event.id));
        }
        self.recorded = earlier.turns.into();
    }

    /// Whether the plugin will be told something that is known already.
    pub(crate) fn replays(&self) -> bool {
        !self.recorded.is_empty()
    }

    /// Takes note of an effect, before it is begun. Returns it unless its answer is known already.
    pub(crate) fn ask<'f>(
        &mut self,
        mut effect: Effect<'f>,
        frame: &Frame<'_>,
    ) -> Result<Option<Effect<'f>>, CallError> {
        if !effect.kind.is_answered() {
            return Ok(Some(effect));
        }
        self.asked.update(&effect.id.to_le_bytes());
        self.asked.update(&content(&effect.kind, frame));
        self.reveals |= matches!(effect.kind, EffectKind::SecretReveal(_));
        if let EffectKind::HttpRequest(request) = &mut effect.kind {
            self.requests.1 += 1;
            self.number(request, frame);
        }
        if self.answered.contains(&effect.id) {
            return Ok(None);
        }
        if let EffectKind::HttpRequest(request) = &effect.kind
            && self
                .suspect
                .is_some_and(|until| self.told <= until || self.requests.0 == 0)
            && !is_repeatable(request, self.key, frame)
        {
            let (method, url) = (&request.method, request.url.split('?').next());
            let message = format!(
                "the server stopped while {method} {} was under way or about to be; the request carries no idempotency \
                 key, so it is not sent again unasked",
                url.unwrap_or_default()
            );
            return Err(CallError::new(UNCERTAIN, message));
        }
        Ok(Some(effect))
    }

    /// The stop is complete: compares it with what was recorded, and puts on disk what the requests that begin now depend
    /// on. Returns the next turn if that is known.
    pub(crate) async fn stop(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        let asked = std::mem::replace(&mut self.asked, Context::new(&SHA256));
        let asked = asked.finish().as_ref().to_vec();
        let (before, now) = self.requests;
        self.requests = (before + now, 0);
        let secret = std::mem::take(&mut self.reveals);
        if let Some(turn) = self.recorded.pop_front() {
            if turn.asked != asked {
                return Err(Stop::Diverged);
            }
            if secret && turn.frame.is_empty() {
                self.begun().await?;
                return Ok(None);
            }
            self.told += 1;
            return Ok(Some(turn.frame));
        }
        if now > 0
            && before > 0
            && !self.pending.is_empty()
            && let Some(journal) = self.services
        {
            let first = self.told - self.pending.len();
            let turns = std::mem::take(&mut self.pending);
            journal.record(first, turns).await?;
        }
        self.pending.push(RecordedTurn {
            asked,
            frame: Vec::new(),
        });
        self.keeps = !secret;
        self.begun().await?;
        Ok(None)
    }

    /// Returns once it is on disk that the call begins.
    pub(crate) async fn begun(&self) -> Result<(), CallError> {
        match self.services {
            Some(journal) => journal.begun().await,
            None => Ok(()),
        }
    }

    /// Keeps the turn that the plugin is about to be told.
    pub(crate) fn tell(&mut self, frame: &[u8]) {
        self.told += 1;
        if self.services.is_none() {
            self.pending.clear();
        } else if self.keeps
            && let Some(turn) = self.pending.last_mut()
        {
            turn.frame = frame.to_vec();
        }
        self.keeps = false;
    }

    /// Whether the call may end here: not while it was only told what is known.
    pub(crate) fn end(&self) -> Result<(), Stop> {
        match self.replays() {
            true => Err(Stop::Diverged),
            false => Ok(()),
        }
    }

    /// Forgets everything: the call starts over, with the same idempotency keys.
    pub(crate) async fn start_over(&mut self) -> Result<(), CallError> {
        tracing::warn!(
            key = self.key,
            "the plugin did not ask for the same again; its call starts over with the same idempotency keys"
        );
        if let Some(journal) = self.services {
            journal.record(0, Vec::new()).await?;
        }
        self.recorded.clear();
        self.answered.clear();
        self.pending.clear();
        self.keyed.clear();
        self.told = 0;
        self.reveals = false;
        self.requests = (0, 0);
        self.asked = Context::new(&SHA256);
        self.suspect = self.suspect.map(|_| usize::MAX);
        Ok(())
    }

    /// Gives each request its own idempotency key: the call's key stands for the first request that is sent under it, with
    /// `.2` for the second, and so on. The same request again, which is how a plugin retries, has the same key again.
    fn number(&mut self, request: &mut HttpRequest<'_>, frame: &Frame<'_>) {
        let of_call = |value: &str| value == self.key;
        let named = request.idempotency_key.as_deref().is_some_and(of_call);
        if !named && !request.headers.iter().any(|header| of_call(&header.1)) {
            return;
        }
        let content = fingerprint(request, frame);
        let place = self.keyed.iter().position(|known| *known == content);
        let place = place.unwrap_or_else(|| {
            self.keyed.push(content);
            self.keyed.len() - 1
        });
        if place == 0 {
            return;
        }
        let own = format!("{}.{}", self.key, place + 1);
        if named {
            request.idempotency_key = Some(own.clone().into());
        }
        for header in &mut request.headers {
            if header.1 == self.key {
                header.1 = own.clone().into();
            }
        }
    }
}

/// Whether sending the request again cannot do anything twice: by its method (RFC 9110, section 9.2.2), because it
/// carries an idempotency key, or because the plugin says so.
fn is_repeatable(request: &HttpRequest<'_>, key: &str, frame: &Frame<'_>) -> bool {
    let by_method = matches!(
        request.method.as_ref(),
        "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE"
    );
    let header = |name: &str, value: &str| {
        let name = name.to_ascii_lowercase();
        value.starts_with(key) || (name.ends_with("idempotency-key") && !value.is_empty())
    };
    let in_body = || {
        let body = request.body.and_then(|body| frame.attachment(body).ok());
        body.is_some_and(|body| {
            !key.is_empty() && body.windows(key.len()).any(|part| part == key.as_bytes())
        })
    };
    by_method
        || request.repeatable
        || request.idempotency_key.is_some()
        || request.headers.iter().any(|pair| header(&pair.0, &pair.1))
        || in_body()
}

/// What an effect asks for, as bytes.
fn content(kind: &EffectKind<'_>, frame: &Frame<'_>) -> Vec<u8> {
    match kind {
        EffectKind::HttpRequest(request) => fingerprint(request, frame).to_vec(),
        other => {
            let effect = Effect {
                id: 0,
                kind: other.clone(),
            };
            serde_json::to_vec(&effect).unwrap_or_default()
        }
    }
}

/// SHA-256 of what a request says; where its body stands in the frame does not matter.
fn fingerprint(request: &HttpRequest<'_>, frame: &Frame<'_>) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    let body = request.body.and_then(|body| frame.attachment(body).ok());
    let without = HttpRequest {
        body: None,
        ..request.clone()
    };
    hash.update(&serde_json::to_vec(&without).unwrap_or_default());
    hash.update(body.unwrap_or_default());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_abi::frame::encode;
    use jackfield_plugin_abi::messages::Turn;
    use parking_lot::Mutex;
    use serde_json::{Value, json};

    use super::*;

    /// A journal in memory.
    #[derive(Default)]
    struct Notes(Mutex<Vec<RecordedTurn>>);

    #[async_trait::async_trait]
    impl CallJournal for Notes {
        async fn recall(&self) -> Result<Option<Earlier>, CallError> {
            let turns = self.0.lock().clone();
            Ok((!turns.is_empty()).then_some(Earlier {
                turns,
                guarded: true,
                foreign: false,
            }))
        }

        async fn record(&self, first: usize, turns: Vec<RecordedTurn>) -> Result<(), CallError> {
            let mut notes = self.0.lock();
            notes.truncate(first);
            notes.extend(turns);
            Ok(())
        }
    }

    async fn open(notes: &Notes) -> Journal<'_> {
        let caps = Caps::default();
        Journal::open(Some(notes), "key", caps).await.unwrap()
    }

    /// Asks for an effect. Returns whether it is performed, and what the plugin is told without that.
    async fn stop(journal: &mut Journal<'_>, effect: Value) -> (bool, Option<Vec<u8>>) {
        let bytes = encode(&json!({"effects": [effect]}), &[]).unwrap();
        let frame = Frame::decode(&bytes, Caps::default()).unwrap();
        let turn: Turn<'_> = frame.parse().unwrap();
        let effect = turn.effects.into_iter().next().unwrap();
        let performed = journal.ask(effect, &frame).ok().unwrap().is_some();
        (performed, journal.stop().await.ok().unwrap())
    }

    fn answer(id: u64, ok: Value) -> Vec<u8> {
        encode(&json!({"events": [{"id": id, "ok": ok}]}), &[]).unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_not_written_down_and_revealed_again() {
        let notes = Notes::default();
        let reveal =
            || json!({"id": 1, "secret.reveal": {"credential": "default", "field": "token"}});
        let request = |id| json!({"id": id, "http.request": {"method": "GET", "url": format!("https://a.example/{id}")}});
        let response = json!({"status": 200, "headers": []});

        let mut first = open(&notes).await;
        assert_eq!(stop(&mut first, reveal()).await, (true, None));
        first.tell(&answer(1, json!({"value": "s3cret"})));
        assert_eq!(stop(&mut first, request(2)).await, (true, None));
        first.tell(&answer(2, response.clone()));
        assert_eq!(stop(&mut first, request(3)).await, (true, None));

        let written = notes.0.lock().clone();
        let frames: Vec<_> = written.iter().map(|turn| turn.frame.clone()).collect();
        assert_eq!(frames, [Vec::new(), answer(2, response.clone())]);

        let mut second = open(&notes).await;
        assert_eq!(stop(&mut second, reveal()).await, (true, None));
        second.tell(&answer(1, json!({"value": "s3cret"})));
        let known = Some(answer(2, response));
        assert_eq!(stop(&mut second, request(2)).await, (false, known));
        assert_eq!(stop(&mut second, request(3)).await, (true, None));
    }
}
