use sea_orm::ConnectionTrait;

use crate::{
    StorageError,
    access::{Permit, Read},
    event::{self, Event},
    ids::{EventId, Id, InboundHookId, InboundRequestId, RejectionId},
    page::{Cursor, Keyed, Page, Slice},
    reader::ReadRows,
    rejection::{self, Rejection},
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

/// The requests to a hook, newest first.
pub async fn of_hook<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    page: Page,
) -> Result<Slice<InboundRequest>, StorageError> {
    let events = event::of_hook(db, permit, hook, page).await?;
    let traces = rejection::traces(db, permit, hook, page).await?;
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
    Ok(slice)
}

/// How many requests a hook has.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
) -> Result<u64, StorageError> {
    let events = event::count_of_hook(db, permit, hook).await?;
    Ok(events + rejection::count_of_hook(db, permit, hook).await?)
}
