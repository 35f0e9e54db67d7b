use sea_orm::ConnectionTrait;

use crate::{
    StorageError,
    access::{Permit, Read},
    event::{self, Event},
    hook_health::Verdict,
    ids::{EventId, Id, InboundHookId, InboundRequestId, RejectionId},
    page::{Cursor, Keyed, Page, Slice},
    reader::ReadRows,
    rejection::{self, Rejection, TraceFilter},
};

/// A request to a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboundRequest {
    /// It brought this event.
    Event(Box<Event>),
    /// It left this trace.
    Trace(Rejection),
}

impl InboundRequest {
    /// Its id: that of the event or the trace, under another name.
    pub fn id(&self) -> InboundRequestId {
        let ulid = match self {
            Self::Event(event) => event.id.ulid(),
            Self::Trace(trace) => trace.id.ulid(),
        };
        InboundRequestId::from_ulid(ulid)
    }
}

impl Keyed for InboundRequest {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id())
    }
}

/// One request.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: InboundRequestId,
) -> Result<Option<InboundRequest>, StorageError> {
    let found = event::find(db, permit, EventId::from_ulid(id.ulid())).await?;
    if let Some(event) = found.filter(|event| event.hook_id.is_some()) {
        return Ok(Some(InboundRequest::Event(Box::new(event))));
    }
    let found = rejection::find(db, permit, RejectionId::from_ulid(id.ulid())).await?;
    Ok(found.map(InboundRequest::Trace))
}

/// Whether a filter lets requests through that have brought an event, of which there is no reason why they brought none.
fn wants_events(filter: &TraceFilter) -> bool {
    filter.reason.is_none() && filter.verdict.is_none_or(|it| it == Verdict::Accepted)
}

/// The requests to a hook, newest first.
pub async fn of_hook<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    filter: &TraceFilter,
    page: Page,
) -> Result<Slice<InboundRequest>, StorageError> {
    let traces = rejection::of_hook(db, permit, hook, filter, page).await?;
    let (mut next, mut previous) = (traces.has_next, traces.has_previous);
    let traces = traces.items.into_iter();
    let mut all: Vec<_> = traces.map(InboundRequest::Trace).collect();
    if wants_events(filter) {
        let events = event::of_hook(db, permit, hook, filter.received, page).await?;
        next |= events.has_next;
        previous |= events.has_previous;
        let events = events.items.into_iter().map(Box::new);
        all.extend(events.map(InboundRequest::Event));
    }
    all.sort_unstable_by_key(InboundRequest::id);
    if page.descends() {
        all.reverse();
    }
    let mut slice = page.slice(all);
    slice.has_next |= next;
    slice.has_previous |= previous;
    Ok(slice)
}

/// How many those are.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    filter: &TraceFilter,
) -> Result<u64, StorageError> {
    let traces = rejection::count_of_hook(db, permit, hook, filter).await?;
    Ok(match wants_events(filter) {
        true => traces + event::count_of_hook(db, permit, hook, filter.received).await?,
        false => traces,
    })
}
