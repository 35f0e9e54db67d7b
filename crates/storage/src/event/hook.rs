//! Events that came to a hook.

use std::mem;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Select, sea_query::Expr,
};

use super::{Column, Entity, Event};
use crate::{
    Call, StorageError, Timestamp,
    access::{Permit, PublishEvents, Read},
    columns::Without,
    ids::{EventId, InboundHookId},
    page::{Cursor, Page, Slice, many},
    payload::unpack,
    reader::ReadRows,
};

/// When requests came; what is absent does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Received {
    /// At or after this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// Pages of events that came to hooks, one for each that is wanted and in that order, the last first, with null in the place of
/// the columns `without`.
pub async fn pages_of_hooks<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[((InboundHookId, Received), Page)],
    without: &[Column],
) -> Result<Vec<Slice<Event>>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|(of, page)| (within(permit, *of).without(without), *page));
    let lists = lists.collect();
    let mut slices = many::pages(db, lists, Column::Id, Cursor::as_id::<EventId>).await?;
    let sizes: Vec<usize> = slices.iter().map(|slice| slice.items.len()).collect();
    let packed = slices
        .iter_mut()
        .flat_map(|slice| mem::take(&mut slice.items));
    let mut events: Vec<Event> = packed.collect();
    unpack(db, &mut events).await?;
    let mut events = events.into_iter();
    for (slice, size) in slices.iter_mut().zip(sizes) {
        slice.items = events.by_ref().take(size).collect();
    }
    Ok(slices)
}

/// How many events of each hook are kept.
pub async fn counts_of_hooks<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(InboundHookId, Received)],
) -> Result<Vec<u64>, StorageError> {
    let lists = wanted.iter().map(|of| within(permit, *of));
    many::counts(db, lists.collect()).await
}

fn within(permit: &Permit<Read>, (hook, received): (InboundHookId, Received)) -> Select<Entity> {
    let condition = Condition::all()
        .add_option(received.since.map(|since| Column::CreatedAt.gte(since)))
        .add_option(received.until.map(|until| Column::CreatedAt.lt(until)));
    of(permit, hook).filter(condition)
}

/// Takes the dedupe key from an event that was stored before an instant, so that the same key is a new event. Says whether
/// that was so.
pub async fn forget_key(
    call: &Call,
    permit: &Permit<PublishEvents>,
    id: EventId,
    before: Timestamp,
) -> Result<bool, StorageError> {
    let forgotten = Entity::update_many()
        .col_expr(Column::DedupeKey, Expr::value(None::<String>))
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::Id.eq(id))
        .filter(Column::CreatedAt.lt(before))
        .exec(call.db())
        .await?;
    Ok(forgotten.rows_affected > 0)
}

fn of(permit: &Permit<Read>, hook: InboundHookId) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::HookId.eq(hook))
}
