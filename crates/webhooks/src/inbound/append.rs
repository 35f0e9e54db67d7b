//! Writing down what a request tells of.

use jackfield_storage::{
    Append, Appended, Channels, Json, NewEvent, NewRun, StorageError, Timestamp,
    access::{Permit, PublishEvents},
    event,
    ids::{EventId, Id},
    inbound_hook::Scheme,
    run::Run,
};

use super::{
    Inbound, PART,
    accept::AcceptError,
    identity::{self, Identity},
    kept,
    listen::StartedBy,
    request::{Accepted, InboundRequest},
    scope,
    target::Target,
};

/// One event that a request tells of.
pub(super) struct Happened {
    pub identity: Identity,
    pub data: Json,
    /// The runs that triggers of plugins start.
    pub started: Vec<StartedBy>,
}

impl Happened {
    /// What a verified body of a built-in scheme tells of.
    pub fn read(target: &Target, request: &InboundRequest, body: Json) -> Self {
        let scheme = target.config.scheme;
        let provider = target.provider();
        Self {
            identity: identity::identify(scheme, provider, &request.headers, &body),
            data: body,
            started: Vec::new(),
        }
    }
}

impl Inbound {
    /// Stores the events with the runs that they start, in one commit. `None` when there are none.
    pub(super) async fn append(
        &self,
        target: &Target,
        request: &InboundRequest,
        happened: Vec<Happened>,
        now: Timestamp,
    ) -> Result<Option<Accepted>, AcceptError> {
        let permit = Permit::<PublishEvents>::system(target.hook.workspace_id, PART);
        let compose = |index: usize| self.compose(target, request, (index, &happened[index]), now);
        let mut appended = match happened.len() {
            0 => return Ok(None),
            1 => vec![self.store.writer().append(&permit, compose(0)?).await?],
            count => {
                let appends = (0..count).map(compose).collect::<Result<_, _>>()?;
                let appended = self.store.writer().append_all(&permit, appends).await?;
                appended.into_iter().collect::<Result<_, _>>()?
            }
        };
        for (index, appended) in appended.iter_mut().enumerate() {
            if !appended.duplicate {
                continue;
            }
            let forgotten = Box::pin(self.forget(&permit, appended.event_id, now));
            if forgotten.await? {
                let append = compose(index)?;
                *appended = self.store.writer().append(&permit, append).await?;
            }
        }
        Ok(accepted(appended, target))
    }

    /// An event with its request and the runs that it starts. Of several from one request only the first keeps it.
    fn compose(
        &self,
        target: &Target,
        request: &InboundRequest,
        (index, happened): (usize, &Happened),
        now: Timestamp,
    ) -> Result<Append, serde_json::Error> {
        let hook = &target.hook;
        let Identity {
            event_type,
            provider_id,
            occurred_at,
        } = &happened.identity;
        let kept = match index {
            0 => Some(kept::keep(target, request, &happened.data)?),
            _ => None,
        };
        let event = NewEvent {
            id: self.store.clock().id(),
            event_type: event_type.clone(),
            source: source(target).to_owned(),
            data: happened.data.clone(),
            hook_id: Some(hook.id),
            dedupe_key: provider_id.as_ref().map(|id| format!("{}:{id}", hook.id)),
            occurred_at: occurred_at.unwrap_or(now),
            content_type: None,
            dedupe_hash: None,
            channels: Channels::default(),
            app_id: hook.connected_app_id,
            request: kept,
        };
        let mut runs = Vec::with_capacity(target.triggers.len() + happened.started.len());
        if !target.triggers.is_empty() {
            let seen = scope::Seen::of(target, request);
            let input = scope::trigger(&event, &event.data, provider_id.as_deref(), seen, now)?;
            runs.extend(
                target
                    .triggers
                    .iter()
                    .map(|trigger| NewRun::of(trigger, self.store.clock().id(), input.clone())),
            );
        }
        for (listener, body) in &happened.started {
            let seen = scope::Seen::of(target, request);
            let input = scope::trigger(&event, body, provider_id.as_deref(), seen, now)?;
            let trigger = &target.listeners[*listener].trigger;
            runs.push(NewRun::of(trigger, self.store.clock().id(), input));
        }
        Ok(Append { event, runs })
    }

    /// Makes the same id a new event, when the earlier one is longer ago than events are recognised.
    async fn forget(
        &self,
        permit: &Permit<PublishEvents>,
        earlier: EventId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let before = now.before(self.config.dedupe_window);
        // An id is made a moment before its event is stored, so this is the cheap half of the question.
        let made = i64::try_from(earlier.ulid().timestamp_ms()).unwrap_or(i64::MAX);
        if made.saturating_mul(1_000) >= before.as_micros() {
            return Ok(false);
        }
        let permit = permit.clone();
        let writer = self.store.writer();
        writer
            .call(&permit.clone(), move |call| {
                Box::pin(async move { event::forget_key(call, &permit, earlier, before).await })
            })
            .await
    }
}

/// What the sender is told: of several events the first.
fn accepted(appended: Vec<Appended>, target: &Target) -> Option<Accepted> {
    let duplicate = appended.iter().all(|appended| appended.duplicate);
    let event_id = appended.first()?.event_id;
    let runs = appended.into_iter().flat_map(|appended| appended.runs);
    let runs: Vec<Run> = runs.collect();
    Some(Accepted {
        event_id,
        runs: runs.iter().map(|run| run.id).collect(),
        finished: runs
            .into_iter()
            .next()
            .filter(|run| run.status.is_finished())
            .map(Box::new),
        respond: target.config.respond,
        duplicate,
        reply: None,
    })
}

/// Who says so: the provider, or `webhook` where the scheme names none.
fn source(target: &Target) -> &str {
    if let Some(provider) = target.provider() {
        return provider;
    }
    match target.config.scheme {
        Scheme::None
        | Scheme::Standard
        | Scheme::HmacSha1
        | Scheme::HmacSha256
        | Scheme::HmacSha512
        | Scheme::Basic
        | Scheme::Bearer => "webhook",
        provider => provider.as_str(),
    }
}
