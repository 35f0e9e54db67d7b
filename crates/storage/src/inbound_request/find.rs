use sea_orm::ConnectionTrait;

use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    event::{self, Event},
    ids::{EventId, Id, InboundHookId, InboundRequestId, RejectionId},
    page::{Cursor, Keyed, Page, Slice},
    reader::ReadRows,
    rejection::{self, Rejection, RejectionFilter},
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

/// Pages of requests to hooks, one for each that is wanted and in that order, the newest first.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(InboundHookId, Page)],
) -> Result<Vec<Slice<InboundRequest>>, StorageError> {
    let events = event::pages_of_hooks(db, permit, wanted, &[]).await?;
    let of = |(hook, page): &(InboundHookId, Page)| (traces_of(*hook), *page);
    let traces: Vec<_> = wanted.iter().map(of).collect();
    let traces = rejection::pages(db, permit, &traces).await?;
    let pages = wanted.iter().map(|(_, page)| *page);
    let both = pages.zip(events).zip(traces);
    Ok(both
        .map(|((page, events), traces)| merge(page, events, traces))
        .collect())
}

/// When the last request to each hook came that is still kept.
pub async fn received_last<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    hooks: &[InboundHookId],
) -> Result<Vec<Option<Timestamp>>, StorageError> {
    let last = Page::first(1);
    let events: Vec<_> = hooks.iter().map(|hook| (*hook, last)).collect();
    let unseen = [event::Column::Data, event::Column::Request];
    let events = event::pages_of_hooks(db, permit, &events, &unseen).await?;
    let traces: Vec<_> = hooks.iter().map(|hook| (traces_of(*hook), last)).collect();
    let traces = rejection::pages(db, permit, &traces).await?;
    let last = |(events, traces): (Slice<Event>, Slice<Rejection>)| {
        let event = events.items.first().map(|event| event.created_at);
        event.max(traces.items.first().map(|trace| trace.received_at))
    };
    Ok(events.into_iter().zip(traces).map(last).collect())
}

fn merge(page: Page, events: Slice<Event>, traces: Slice<Rejection>) -> Slice<InboundRequest> {
    let (next, previous) = (
        events.has_next || traces.has_next,
        events.has_previous || traces.has_previous,
    );
    let events = events.items.into_iter().map(Box::new);
    let traces = traces.items.into_iter().map(InboundRequest::Trace);
    let mut all: Vec<_> = events.map(InboundRequest::Event).chain(traces).collect();
    all.sort_unstable_by_key(InboundRequest::id);
    if page.descends() {
        all.reverse();
    }
    let mut slice = page.slice(all);
    slice.has_next |= next;
    slice.has_previous |= previous;
    slice
}

/// How many requests each hook has.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hooks: &[InboundHookId],
) -> Result<Vec<u64>, StorageError> {
    let events = event::counts_of_hooks(db, permit, hooks).await?;
    let traces: Vec<_> = hooks.iter().map(|hook| traces_of(*hook)).collect();
    let traces = rejection::counts(db, permit, &traces).await?;
    let both = events.into_iter().zip(traces);
    Ok(both.map(|(events, traces)| events + traces).collect())
}

fn traces_of(hook: InboundHookId) -> RejectionFilter {
    RejectionFilter {
        hook,
        verdict: None,
    }
}
