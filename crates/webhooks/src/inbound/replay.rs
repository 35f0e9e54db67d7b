//! Running a request again.

use http::{HeaderName, HeaderValue};
use jackfield_storage::{
    Append, Channels, Json, NewEvent, NewRun, Problem, ProblemCode, Timestamp,
    access::{Permit, PublishEvents},
    event::Event,
    ids::{EventId, InboundRequestId},
    inbound_hook,
    inbound_request::{self, KeptRequest},
};

use super::{
    Inbound, accept::AcceptError, append::Happened, identity::Identity, listen::StartedBy,
    plugin::Handed, request::InboundRequest, scope, target::Target,
};

/// Why a request was not run again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such request, or it cannot be run again.
    #[error("{0}")]
    Rejected(Problem),
    /// It failed inside.
    #[error(transparent)]
    Failed(#[from] AcceptError),
}

impl Inbound {
    /// Stores the event of a request once more, with the runs of the triggers that there are now, those of plugins among them. Both
    /// say what they repeat. Nothing is verified again: the event was believed when it came, and what proved it is not kept.
    pub async fn replay(
        &self,
        permit: &Permit<PublishEvents>,
        id: InboundRequestId,
    ) -> Result<EventId, ReplayError> {
        let read = permit.read();
        let db = self.store.reader();
        let found = inbound_request::find(db, &read, id)
            .await
            .map_err(AcceptError::from)?;
        let event = match found {
            Some(inbound_request::InboundRequest::Event(event)) => *event,
            Some(inbound_request::InboundRequest::Trace(_)) => {
                return Err(conflict(
                    "only a request that brought an event is kept to be run again",
                ));
            }
            None => return Err(absent()),
        };
        let hook = match event.hook_id {
            Some(hook) => inbound_hook::find(db, &read, hook)
                .await
                .map_err(AcceptError::from)?,
            None => None,
        };
        let hook = hook.ok_or_else(|| conflict("its hook is there no more"))?;
        let now = self.store.clock().now();
        let target = self.target(&hook.token, now).await?;
        let target = target.filter(|target| target.is_open()).ok_or_else(|| {
            conflict("its hook is not active: switch it on, or publish its workflow")
        })?;
        let mut append = Append {
            event: self.again(&event).map_err(AcceptError::from)?,
            runs: Vec::new(),
        };
        append.event.app_id = target.hook.connected_app_id;
        let started = self.hear_again(&target, &event, now).await?;
        let kept = kept(&append.event.request);
        let own = target.triggers.iter().map(|trigger| (trigger, None));
        let heard = started.iter().map(|(listener, body)| {
            let trigger = &target.listeners[*listener].trigger;
            (trigger, Some(body))
        });
        for (trigger, body) in own.chain(heard) {
            let (event, seen) = (&append.event, scope::Seen::of_kept(&kept));
            let input = scope::trigger(event, body.unwrap_or(&event.data), None, seen, now);
            let input = input.map_err(AcceptError::from)?;
            append
                .runs
                .push(NewRun::of(trigger, self.store.clock().id(), input));
        }
        let appended = self.store.writer().append(permit, append).await;
        Ok(appended.map_err(AcceptError::from)?.event_id)
    }

    /// What the triggers of plugins that there are now read in the request of an event.
    async fn hear_again(
        &self,
        target: &Target,
        event: &Event,
        now: Timestamp,
    ) -> Result<Vec<StartedBy>, AcceptError> {
        let request = match target.listeners.as_slice() {
            [] => None,
            _ => request_of(&target.hook.token, &kept(&event.request), &event.data),
        };
        // Of several events of one request only the first has it.
        let Some(request) = request else {
            return Ok(Vec::new());
        };
        let key = event.dedupe_key.as_deref();
        let id = key.and_then(|key| key.split_once(':').map(|(_, id)| id.to_owned()));
        let identity = Identity {
            event_type: event.event_type.clone(),
            provider_id: id,
            occurred_at: Some(event.occurred_at),
        };
        let happened = Happened {
            identity,
            data: event.data.clone(),
            started: Vec::new(),
        };
        let handed = Handed::of(self.url(&request), &request).vouched(event.created_at);
        // Nobody waits for what a trigger says to it.
        let (heard, _) = self.listen(target, &handed, vec![happened], now).await?;
        let mut heard = heard.into_iter();
        Ok(heard.next().map(|same| same.started).unwrap_or_default())
    }

    /// The same event under a new id, which is nobody's repeat.
    fn again(&self, event: &Event) -> Result<NewEvent, serde_json::Error> {
        let kept = event.request.as_ref().map(Json::parse).transpose()?;
        let kept = KeptRequest {
            replay_of: Some(event.id),
            ..kept.unwrap_or_default()
        };
        Ok(NewEvent {
            id: self.store.clock().id(),
            event_type: event.event_type.clone(),
            source: event.source.clone(),
            data: event.data.clone(),
            hook_id: event.hook_id,
            dedupe_key: None,
            occurred_at: event.occurred_at,
            content_type: event.content_type.clone(),
            dedupe_hash: None,
            channels: Channels::default(),
            app_id: None,
            request: Some(Json::of(&kept)?),
        })
    }
}

/// The request of an event, as it is kept.
fn kept(request: &Option<Json>) -> KeptRequest {
    let kept = request.as_ref().and_then(|kept| kept.parse().ok());
    kept.unwrap_or_default()
}

/// A request as it came, without its secrets.
fn request_of(token: &str, kept: &KeptRequest, data: &Json) -> Option<InboundRequest> {
    let header = |(name, value): &(String, Option<String>)| {
        let name: HeaderName = name.parse().ok()?;
        Some((name, HeaderValue::from_str(value.as_deref()?).ok()?))
    };
    let body = match &kept.body {
        Some(body) => body.bytes(),
        None => data.as_str().as_bytes().to_vec(),
    };
    Some(InboundRequest {
        method: kept.method.parse().ok()?,
        token: token.to_owned(),
        query: kept.query.clone(),
        headers: kept.headers.iter().filter_map(header).collect(),
        body: body.into(),
        from: None,
    })
}

fn absent() -> ReplayError {
    let message = "There is no such request in this workspace.";
    let problem = Problem::new(["inboundRequestId"], ProblemCode::NotFound, message);
    ReplayError::Rejected(problem)
}

fn conflict(message: &str) -> ReplayError {
    let problem = Problem::new(["inboundRequestId"], ProblemCode::Conflict, message);
    ReplayError::Rejected(problem)
}
