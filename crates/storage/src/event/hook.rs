//! Events that came to a hook.

use std::mem;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Select, sea_query::Expr};

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

/// Pages of events that came to hooks, one for each that is wanted and in that order, the last first, with null in the place of
/// the columns `without`.
pub async fn pages_of_hooks<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(InboundHookId, Page)],
    without: &[Column],
) -> Result<Vec<Slice<Event>>, StorageError> {
    let list = |(hook, page): &(InboundHookId, Page)| (of(permit, *hook).without(without), *page);
    let lists = wanted.iter().map(list).collect();
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
    hooks: &[InboundHookId],
) -> Result<Vec<u64>, StorageError> {
    let lists = hooks.iter().map(|hook| of(permit, *hook));
    many::counts(db, lists.collect()).await
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
