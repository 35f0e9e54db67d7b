//! Running a request again.

use jackfield_storage::{
    Append, Channels, Json, NewEvent, NewRun, Problem, ProblemCode,
    access::{Permit, PublishEvents},
    event::Event,
    ids::{EventId, InboundRequestId},
    inbound_hook,
    inbound_request::{self, InboundRequest, KeptRequest},
};

use super::{Inbound, accept::AcceptError, scope};

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
    /// Stores the event of a request once more, with the runs of the triggers that there are now. Both say what they repeat.
    /// Nothing is verified again: the event was believed when it came, and what proved it is not kept.
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
            Some(InboundRequest::Event(event)) => *event,
            Some(InboundRequest::Trace(_)) => {
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
        if !target.triggers.is_empty() {
            let kept = append
                .event
                .request
                .as_ref()
                .and_then(|kept| kept.parse().ok());
            let seen = scope::Seen::of_kept(&kept.unwrap_or_default());
            let input = scope::trigger(&append.event, &append.event.data, None, seen, now)
                .map_err(AcceptError::from)?;
            let runs = target.triggers.iter();
            append.runs.extend(
                runs.map(|trigger| NewRun::of(trigger, self.store.clock().id(), input.clone())),
            );
        }
        let appended = self.store.writer().append(permit, append).await;
        Ok(appended.map_err(AcceptError::from)?.event_id)
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

fn absent() -> ReplayError {
    let message = "There is no such request in this workspace.";
    let problem = Problem::new(["inboundRequestId"], ProblemCode::NotFound, message);
    ReplayError::Rejected(problem)
}

fn conflict(message: &str) -> ReplayError {
    let problem = Problem::new(["inboundRequestId"], ProblemCode::Conflict, message);
    ReplayError::Rejected(problem)
}
