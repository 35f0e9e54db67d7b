//! Triggers of plugins that listen to the hook of an app: each reads the request with its own config.

use std::collections::HashMap;

use http::StatusCode;
use jackfield_plugin_host::messages::{CallError, Received, TriggerEvent};
use jackfield_storage::{
    Json, StorageError, Timestamp,
    access::{EditWorkflows, Permit},
    connected_app::ConnectedApp,
    event,
    ids::WorkflowId,
    inbound_hook::Format,
    trigger::{self, PluginTrigger, Trigger},
};
use parking_lot::Mutex;
use tokio::time::timeout;

use super::{
    Inbound, PART,
    accept::{AcceptError, Judged},
    append::Happened,
    body,
    plugin::{self, Handed},
    request::{InboundRequest, Rejected, Reply},
    target::Target,
};

/// How often the failures of one trigger are written down at most.
const NOTED_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// A trigger that listens.
pub(super) struct Listener {
    pub trigger: Trigger,
    plugin: PluginTrigger,
}

impl Listener {
    /// Those among triggers; the others are left.
    pub fn take(triggers: Vec<Trigger>) -> (Vec<Trigger>, Vec<Self>) {
        let mut others = Vec::with_capacity(triggers.len());
        let mut listeners = Vec::new();
        for trigger in triggers {
            match trigger.plugin() {
                Some(plugin) => listeners.push(Self { trigger, plugin }),
                None => others.push(trigger),
            }
        }
        (others, listeners)
    }

    /// Whether what is known to have happened may concern it.
    fn may_want(&self, provider: &str, happened: &[Happened]) -> bool {
        let wanted = &self.plugin.event_types;
        let is_wanted = |of: &Happened| {
            let mut names = wanted.iter();
            names.any(|name| event::named(provider, Some(name.clone())) == of.identity.event_type)
        };
        wanted.is_empty() || happened.iter().any(is_wanted)
    }
}

/// When the failure of a trigger was last written down.
#[derive(Default)]
pub(super) struct Noted(Mutex<HashMap<(WorkflowId, String), Timestamp>>);

impl Noted {
    fn is_due(&self, trigger: &Trigger, now: Timestamp) -> bool {
        let mut noted = self.0.lock();
        noted.retain(|_, last| now.since(*last) < NOTED_EVERY);
        let key = (trigger.workflow_id, trigger.node_key.clone());
        noted.insert(key, now).is_none()
    }
}

impl Inbound {
    /// Asks the triggers that listen what the request starts, and adds that to what happened; with what the first of them that says
    /// something wants the provider to read. What one of them cannot read does not keep the others from it, unless that passes: then
    /// nothing is stored, and the provider sends it again.
    pub(super) async fn listen(
        &self,
        target: &Target,
        handed: &Handed<'_>,
        mut happened: Vec<Happened>,
        now: Timestamp,
    ) -> Result<(Vec<Happened>, Option<Reply>), AcceptError> {
        let Some(app) = &target.app else {
            return Ok((happened, None));
        };
        let mut reply = None;
        let known: Vec<bool> = target
            .listeners
            .iter()
            .map(|listener| listener.may_want(&app.provider, &happened))
            .collect();
        for (index, listener) in target.listeners.iter().enumerate() {
            if !known[index] {
                continue;
            }
            let heard = self.hear(target, app, listener, handed, now).await?;
            if let Some(Received::Accepted(accepted)) = heard {
                reply = reply.or(accepted.respond);
                start(&mut happened, &app.provider, index, accepted.events);
            }
        }
        Ok((happened, reply.map(plugin::reply)))
    }

    /// Judges a request that nobody but the triggers can read: the plugin has only those.
    pub(super) async fn judge_by_listeners(
        &self,
        target: &Target,
        app: &ConnectedApp,
        request: &InboundRequest,
        now: Timestamp,
    ) -> Result<Result<Judged, Rejected>, AcceptError> {
        if let Err(rejected) = body::check_headers(&request.headers, Format::Raw) {
            return Ok(Err(rejected));
        }
        let handed = Handed::of(self.url(request), request);
        let (mut happened, mut accepted, mut reply) = (Vec::new(), false, None);
        let mut challenge = None;
        let mut refused = "no published workflow has a trigger that listens".to_owned();
        for (index, listener) in target.listeners.iter().enumerate() {
            match self.hear(target, app, listener, &handed, now).await? {
                Some(Received::Accepted(heard)) => {
                    accepted = true;
                    reply = reply.or(heard.respond);
                    start(&mut happened, &app.provider, index, heard.events);
                }
                Some(Received::Challenge(asked)) => challenge = challenge.or(Some(asked)),
                Some(Received::Rejected(rejected)) => refused = rejected.reason,
                None => refused = "the trigger that listens could not read it".to_owned(),
            }
        }
        Ok(match (accepted, challenge) {
            (true, _) => Ok(Judged::Heard(happened, reply.map(plugin::reply))),
            (false, Some(challenge)) => Ok(Judged::Challenge(plugin::reply(challenge))),
            (false, None) => {
                let message =
                    "the request is not one that the provider has signed for this webhook";
                let rejected = Rejected::new(StatusCode::UNAUTHORIZED, "NOT_ACCEPTED", message);
                Err(rejected.detailed(refused))
            }
        })
    }

    /// What a trigger makes of a request, with the first of the hook's secrets that fits; none when it cannot read it, which is shown
    /// with the trigger.
    async fn hear(
        &self,
        target: &Target,
        app: &ConnectedApp,
        listener: &Listener,
        handed: &Handed<'_>,
        now: Timestamp,
    ) -> Result<Option<Received>, AcceptError> {
        let mut last = None;
        for secret in target.secrets_or_none(now) {
            let node = (listener.plugin.node_type.as_str(), &listener.plugin.config);
            let (app, incoming) = (app.clone(), handed.incoming());
            let asked = self
                .apps
                .receive(app, secret, Some(node), incoming, handed.vouched);
            let answered = match timeout(plugin::TIMEOUT, asked).await {
                Ok(answered) => answered,
                Err(_) => Err(plugin::too_slow()),
            };
            match answered {
                Ok(rejected @ Received::Rejected(_)) => last = Some(rejected),
                Ok(received) => return Ok(Some(received)),
                Err(error) if error.retryable => return Err(error.into()),
                Err(error) => {
                    self.note_failure(&listener.trigger, &error, now).await;
                    return Ok(None);
                }
            }
        }
        Ok(last)
    }

    async fn note_failure(&self, trigger: &Trigger, error: &CallError, now: Timestamp) {
        tracing::warn!(
            workflow = %trigger.workflow_id, node = trigger.node_key, code = error.code, error = error.message,
            "a trigger could not read a request"
        );
        if !self.noted.is_due(trigger, now) {
            return;
        }
        let permit = Permit::<EditWorkflows>::system(trigger.workspace_id, PART);
        let (trigger, message) = (trigger.clone(), error.message.clone());
        let written = self.store.writer().call(&permit, move |call| {
            Box::pin(async move {
                trigger::note_error(call.db(), &trigger, &message, now).await?;
                Ok::<_, StorageError>(())
            })
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "the failure of a trigger could not be written");
        }
    }
}

/// Adds what a trigger has read. What it calls by the key of something that is known to have happened is the same thing; so is the
/// only thing that has no key.
fn start(happened: &mut Vec<Happened>, provider: &str, index: usize, events: Vec<TriggerEvent>) {
    let single = events.len() == 1;
    for event in events {
        let read = plugin::read(provider, event);
        let id = &read.identity.provider_id;
        let same = happened
            .iter()
            .position(|known| known.identity.provider_id == *id);
        let nameless = || {
            let first = happened.first()?;
            let alone = single && happened.len() == 1 && first.identity.provider_id.is_none();
            alone.then_some(0)
        };
        match same.or_else(nameless) {
            Some(place) => {
                let known = &mut happened[place];
                known.identity.provider_id = read.identity.provider_id;
                // Of most providers only the plugin knows where they say it.
                let told = known.identity.occurred_at;
                known.identity.occurred_at = told.or(read.identity.occurred_at);
                known.started.push((index, read.data));
            }
            None => happened.push(Happened {
                started: vec![(index, read.data.clone())],
                ..read
            }),
        }
    }
}

/// What a trigger starts: its place among those that listen, and what the run gets.
pub(super) type StartedBy = (usize, Json);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::identity::Identity;

    fn told(key: &str) -> TriggerEvent {
        let told =
            serde_json::json!({"dedupeKey": key, "data": {}, "occurredAt": "2026-11-27T10:00:00Z"});
        serde_json::from_value(told).unwrap()
    }

    fn known(provider_id: Option<&str>, occurred_at: Option<Timestamp>) -> Happened {
        Happened {
            identity: Identity {
                event_type: "quo.call.missed".to_owned(),
                provider_id: provider_id.map(str::to_owned),
                occurred_at,
            },
            data: Json::null(),
            started: Vec::new(),
        }
    }

    /// When something happened that a trigger has read as `EV1`.
    fn time_of(known: Happened) -> Option<Timestamp> {
        let mut happened = vec![known];
        start(&mut happened, "quo", 0, vec![told("EV1")]);
        assert_eq!(happened.len(), 1);
        happened[0].identity.occurred_at
    }

    #[test]
    fn something_happened_when_the_trigger_says_where_nobody_else_does() {
        let said: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
        assert_eq!(time_of(known(Some("EV1"), None)), Some(said));
        assert_eq!(time_of(known(None, None)), Some(said));
        let signed = Timestamp::from_micros(1_700_000_000_000_000);
        assert_eq!(time_of(known(Some("EV1"), Some(signed))), Some(signed));
    }
}
