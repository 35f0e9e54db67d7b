//! Events that came to a hook.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::Expr,
};

use super::{Column, Entity, Event};
use crate::{
    Call, StorageError, Timestamp,
    access::{Permit, PublishEvents, Read},
    ids::{EventId, InboundHookId},
    page::{Cursor, Page, Slice},
    payload::unpack,
    reader::ReadRows,
};

/// When requests came; what is absent does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Received {
    /// At or after this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// The events of a hook, the last first.
pub async fn of_hook<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    received: Received,
    page: Page,
) -> Result<Slice<Event>, StorageError> {
    let rows = within(permit, hook, received);
    let mut slice = page
        .of(db, rows, Column::Id, Cursor::as_id::<EventId>)
        .await?;
    unpack(db, &mut slice.items).await?;
    Ok(slice)
}

/// How many events of a hook are kept.
pub async fn count_of_hook<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    received: Received,
) -> Result<u64, StorageError> {
    Ok(within(permit, hook, received).count(db).await?)
}

fn within(permit: &Permit<Read>, hook: InboundHookId, received: Received) -> Select<Entity> {
    let condition = Condition::all()
        .add_option(received.since.map(|since| Column::CreatedAt.gte(since)))
        .add_option(received.until.map(|until| Column::CreatedAt.lt(until)));
    of(permit, hook).filter(condition)
}

/// When the last event of a hook was stored.
pub async fn received_last<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
) -> Result<Option<Timestamp>, StorageError> {
    Ok(of(permit, hook)
        .select_only()
        .column(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?)
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
