use sea_orm::ConnectionTrait;

use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    event::{self, Event, Received},
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

/// Pages of requests to hooks, one for each that is wanted and in that order, the newest first.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[((InboundHookId, TraceFilter), Page)],
) -> Result<Vec<Slice<InboundRequest>>, StorageError> {
    let with_events = wanted
        .iter()
        .filter(|((_, filter), _)| wants_events(filter));
    let events = with_events.map(|((hook, filter), page)| ((*hook, filter.received), *page));
    let events = event::pages_of_hooks(db, permit, &events.collect::<Vec<_>>(), &[]).await?;
    let traces = rejection::pages(db, permit, wanted).await?;
    let mut events = events.into_iter();
    let mut slices = Vec::with_capacity(wanted.len());
    for (((_, filter), page), traces) in wanted.iter().zip(traces) {
        let events = wants_events(filter).then(|| events.next()).flatten();
        slices.push(merge(*page, events, traces));
    }
    Ok(slices)
}

/// When the last request to each hook came that is still kept.
pub async fn received_last<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    hooks: &[InboundHookId],
) -> Result<Vec<Option<Timestamp>>, StorageError> {
    let last = Page::first(1);
    let every = |hook: &InboundHookId| ((*hook, Received::default()), last);
    let events: Vec<_> = hooks.iter().map(every).collect();
    let unseen = [event::Column::Data, event::Column::Request];
    let events = event::pages_of_hooks(db, permit, &events, &unseen).await?;
    let every = |hook: &InboundHookId| ((*hook, TraceFilter::default()), last);
    let traces: Vec<_> = hooks.iter().map(every).collect();
    let traces = rejection::pages(db, permit, &traces).await?;
    let last = |(events, traces): (Slice<Event>, Slice<Rejection>)| {
        let event = events.items.first().map(|event| event.created_at);
        event.max(traces.items.first().map(|trace| trace.received_at))
    };
    Ok(events.into_iter().zip(traces).map(last).collect())
}

/// How many requests each of these is.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(InboundHookId, TraceFilter)],
) -> Result<Vec<u64>, StorageError> {
    let with_events = wanted.iter().filter(|(_, filter)| wants_events(filter));
    let events = with_events.map(|(hook, filter)| (*hook, filter.received));
    let events = event::counts_of_hooks(db, permit, &events.collect::<Vec<_>>()).await?;
    let mut counts = rejection::counts(db, permit, wanted).await?;
    let with_events = wanted.iter().zip(&mut counts);
    let with_events = with_events.filter(|((_, filter), _)| wants_events(filter));
    for ((_, count), events) in with_events.zip(events) {
        *count += events;
    }
    Ok(counts)
}

/// Whether a filter lets requests through that have brought an event, of which there is no reason why they brought none.
fn wants_events(filter: &TraceFilter) -> bool {
    filter.reason.is_none() && filter.verdict.is_none_or(|it| it == Verdict::Accepted)
}

fn merge(
    page: Page,
    events: Option<Slice<Event>>,
    traces: Slice<Rejection>,
) -> Slice<InboundRequest> {
    let (mut next, mut previous) = (traces.has_next, traces.has_previous);
    let traces = traces.items.into_iter();
    let mut all: Vec<_> = traces.map(InboundRequest::Trace).collect();
    if let Some(events) = events {
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
    slice
}
