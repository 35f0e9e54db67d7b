//! Drives one call: hands answers to the plugin and performs what it asks for, until it is done.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jackfield_plugin_abi::frame::{Attachments, Frame, encode};
use jackfield_plugin_abi::messages::{
    Call, CallError, Effect, Event, Events, Outcome, Port, Turn, code,
};
use serde_json::value::RawValue;

use crate::effect::{Ending, Journal, Performer, Running, Stop};
use crate::host::{Host, PluginLimits};
use crate::plugin::Plugin;
use crate::services::Services;
use crate::transport::{Conversation, Fault, Reply};
use crate::{farewell, kept};

/// Most lines of log and reports of progress of one call; what comes after them is dropped.
const MOST_LINES: usize = 10_000;
/// How long a call keeps its worker of the runtime when all that it waits for is there at once. Changing workers costs ten
/// times what a turn does.
const SHIFT: Duration = Duration::from_millis(5);

/// One call and what it needs.
pub(crate) struct Driver<'a> {
    pub(crate) host: &'a Host,
    pub(crate) plugin: &'a Plugin,
    /// The ports that the call may leave through; none when it is no execution of a node.
    pub(crate) ports: Option<&'a [Port]>,
    pub(crate) call: &'a Call<'a>,
    /// The raw bytes that the call's input points into.
    pub(crate) attached: &'a [u8],
    pub(crate) services: &'a dyn Services,
}

impl Driver<'_> {
    pub(crate) async fn run(&self) -> Result<Outcome, CallError> {
        let caps = self.host.limits().frame;
        let key = &self.call.idempotency_key;
        let mut journal = Journal::open(self.services.journal(), key, caps).await?;
        loop {
            match self.attempt(&mut journal).await {
                Ok(outcome) => return Ok(outcome),
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Diverged) => journal.start_over().await?,
            }
        }
    }

    async fn attempt(&self, journal: &mut Journal<'_>) -> Result<Outcome, Stop> {
        let Some(transport) = self.plugin.transport() else {
            let message = format!("the plugin {} is not loaded", self.plugin.name());
            return Err(CallError::new(code::PLUGIN_MISSING, message).into());
        };
        let call = encode(self.call, self.attached)
            .map_err(|error| CallError::new(code::INTERNAL, error.to_string()))?;
        if transport.shares_fate() {
            journal.begun().await?;
        }
        let (talk, mut reply) = transport.open(&call).await.map_err(|f| self.fault(f))?;
        drop(call);
        let performer = Performer {
            egress: self.host.egress(),
            host: self.host,
            plugin: self.plugin,
            credentials: &self.call.credentials,
            services: self.services,
        };
        let limits = self.host.limits();
        let mut session = Session {
            limits,
            talk: Some(talk),
            effects: Outstanding {
                performer: &performer,
                limit: limits.outstanding,
                most: limits.effects,
                unanswered: 0,
                seen: HashSet::new(),
                waiting: Vec::new(),
                running: FuturesUnordered::new(),
                ended: Vec::new(),
            },
        };
        let mut shift = Instant::now();
        loop {
            let taken = self.take(reply, &mut session.effects, journal);
            if let Some(outcome) = taken.inspect_err(|_| session.end())? {
                session.end();
                journal.end()?;
                return Ok(outcome?);
            }
            let events = match journal.stop().await? {
                Some(known) => known,
                None => {
                    let events = session.effects.events().await?;
                    journal.tell(&events);
                    events
                }
            };
            let resumed = session.resume(events).await;
            reply = resumed.map_err(|f| self.fault(f))?;
            // A plugin that only asks for what is answered at once would otherwise never let go of the worker.
            if shift.elapsed() > SHIFT {
                tokio::task::yield_now().await;
                shift = Instant::now();
            }
        }
    }

    /// Takes one stop of the call: its end, or effects that are started.
    fn take<'p>(
        &self,
        reply: Reply,
        effects: &mut Outstanding<'p>,
        journal: &mut Journal<'_>,
    ) -> Result<Option<Result<Outcome, CallError>>, CallError> {
        let caps = self.host.limits().frame;
        let bad = |error: &dyn std::fmt::Display| {
            self.misbehaved(format!("it wrote a bad frame: {error}"))
        };
        let frame = Frame::decode(&reply.frame, caps).map_err(|error| bad(&error))?;
        let turn: Turn<'_> = frame.parse().map_err(|error| bad(&error))?;
        for effect in turn.effects {
            if effect.kind.is_answered() && reply.done {
                let name = effect.kind.name();
                return Err(self.misbehaved(format!("it asked for {name} and finished at once")));
            }
            let id = effect.id;
            let begun = match journal.ask(effect, &frame)? {
                Some(effect) => effects.start(effect, &frame, &reply.frame),
                None => effects.pass(id),
            };
            begun.map_err(|reason| self.misbehaved(reason))?;
        }
        match (reply.done, turn.result, turn.error) {
            (false, None, None) if effects.is_empty() && !journal.replays() => Err(self.misbehaved(
                "it waits, but for nothing that it asked the host for; a node may await host calls only".into(),
            )),
            (false, None, None) => Ok(None),
            (true, Some(outcome), None) => {
                self.kept("output", Some(&outcome.output))?;
                self.known_port(outcome).map(|outcome| Some(Ok(outcome)))
            }
            (true, None, Some(error)) => {
                self.kept("error.data", error.data.as_deref())?;
                Ok(Some(Err(error)))
            }
            (true, None, None) => Err(self.misbehaved("it finished without result or error".into())),
            (true, Some(_), Some(_)) => {
                Err(self.misbehaved("it finished with both a result and an error".into()))
            }
            (false, _, _) => Err(self.misbehaved("it gave a result, but did not finish".into())),
        }
    }

    fn kept(&self, member: &str, value: Option<&RawValue>) -> Result<(), CallError> {
        let Some(value) = value else { return Ok(()) };
        kept::check(value).map_err(|error| {
            self.misbehaved(format!("its {member} cannot be kept as JSON: {error}"))
        })
    }

    fn known_port(&self, outcome: Outcome) -> Result<Outcome, CallError> {
        let Some(ports) = self.ports else {
            return Ok(outcome);
        };
        if ports.iter().any(|port| port.name == outcome.port) {
            return Ok(outcome);
        }
        let node = &self.call.node;
        let port = &outcome.port;
        Err(self.misbehaved(format!(
            "it finished at the port {port}, which {node} has not"
        )))
    }

    fn misbehaved(&self, reason: String) -> CallError {
        self.fault(Fault::Misbehaved(reason))
    }

    fn fault(&self, fault: Fault) -> CallError {
        let error = fault.into_error(self.plugin.name());
        tracing::warn!(
            plugin = self.plugin.name(),
            code = error.code,
            error = error.message,
            "plugin call failed"
        );
        error
    }
}

/// A call that is open. One that is given up before it is over is cancelled.
struct Session<'p> {
    limits: &'p PluginLimits,
    talk: Option<Box<dyn Conversation>>,
    effects: Outstanding<'p>,
}

impl Session<'_> {
    async fn resume(&mut self, events: Vec<u8>) -> Result<Reply, Fault> {
        let gone = || Fault::Crashed("the call is over".into());
        let talk = self.talk.as_mut().ok_or_else(gone)?;
        let reply = talk.resume(events).await;
        if reply.is_err() {
            self.end();
        }
        reply
    }

    /// There is nothing left to tell the plugin.
    fn end(&mut self) {
        self.talk = None;
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if let Some(talk) = self.talk.take() {
            let waiting = std::mem::take(&mut self.effects.waiting);
            farewell::cancel(talk, waiting, self.limits.grace, self.limits.frame);
        }
    }
}

/// The effects of a call: those that run, and the answers that wait to be handed over.
struct Outstanding<'p> {
    performer: &'p Performer<'p>,
    limit: usize,
    most: usize,
    unanswered: usize,
    seen: HashSet<u64>,
    /// Those that the plugin has not been answered.
    waiting: Vec<u64>,
    running: FuturesUnordered<Running<'p>>,
    ended: Vec<Ending>,
}

impl Outstanding<'_> {
    fn is_empty(&self) -> bool {
        self.running.is_empty() && self.ended.is_empty()
    }

    /// Takes note of an effect whose answer is known already.
    fn pass(&mut self, id: u64) -> Result<(), String> {
        match self.seen.insert(id) {
            true => Ok(()),
            false => Err(format!("it used the effect id {id} twice")),
        }
    }

    fn start(
        &mut self,
        effect: Effect<'_>,
        frame: &Frame<'_>,
        bytes: &Bytes,
    ) -> Result<(), String> {
        let answered = effect.kind.is_answered();
        if !answered {
            self.unanswered += 1;
            if self.unanswered > MOST_LINES {
                return Ok(());
            }
        }
        if answered && effect.id == 0 {
            return Err(format!("it asked for {} without an id", effect.kind.name()));
        }
        if answered && !self.seen.insert(effect.id) {
            return Err(format!("it used the effect id {} twice", effect.id));
        }
        if self.seen.len() > self.most {
            return Err(format!(
                "it asked for more than {} effects in one call",
                self.most
            ));
        }
        if self.running.len() + self.ended.len() >= self.limit {
            let message = format!("at most {} effects may be outstanding", self.limit);
            let error = CallError::new(code::TOO_LARGE, message);
            self.ended.push(Ending::new(effect.id, Err(error)));
            return Ok(());
        }
        if answered {
            self.waiting.push(effect.id);
        }
        match self.performer.start(effect, frame, bytes) {
            Started::Ended(ending) => self.ended.push(ending),
            Started::Running(running) => self.running.push(running),
            Started::Unanswered => {}
        }
        Ok(())
    }

    /// Waits for at least one answer, takes what else is ready, and writes them as one frame.
    async fn events(&mut self) -> Result<Vec<u8>, CallError> {
        if self.ended.is_empty()
            && let Some(ending) = self.running.next().await
        {
            self.ended.push(ending);
        }
        while let Some(Some(ending)) = futures_util::FutureExt::now_or_never(self.running.next()) {
            self.ended.push(ending);
        }
        let mut attachments = Attachments::default();
        let events = self.ended.iter().map(|ending| match &ending.result {
            Ok(answer) => Event::ok(ending.id, answer.message(&mut attachments)),
            Err(error) => Event::err(ending.id, error.clone()),
        });
        let events = Events {
            events: events.collect(),
        };
        let frame = encode(&events, attachments.bytes());
        for ending in self.ended.drain(..) {
            if let Some(at) = self.waiting.iter().position(|id| *id == ending.id) {
                self.waiting.swap_remove(at);
            }
        }
        frame.map_err(|error| CallError::new(code::INTERNAL, error.to_string()))
    }
}

pub(crate) use crate::effect::Started;
