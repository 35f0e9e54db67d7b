use std::ops::RangeInclusive;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{Column, Entity, Event};
use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    columns::Without,
    ids::EventId,
    page::{Cursor, Page, Slice},
    payload::{Whole, unpack},
    reader::ReadRows,
};

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Only these types, or what types begin with, followed by `*`; all when empty.
    pub types: Vec<String>,
    /// Not those that these sources have told of.
    pub not_from: Vec<&'static str>,
    /// Only what happened at or after this instant.
    pub since: Option<Timestamp>,
    /// Only what happened before this instant.
    pub until: Option<Timestamp>,
}

/// One event.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: EventId,
) -> Result<Option<Event>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.eq(id))
        .whole_one(db)
        .await?)
}

/// Those of `ids` that are in the workspace, in no particular order, with null in the place of the columns `without`.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[EventId],
    without: &[Column],
) -> Result<Vec<Event>, StorageError> {
    Ok(scoped(permit)
        .without(without)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .whole(db)
        .await?)
}

/// The workspace's events, the last stored first, with null in the place of the columns `without`.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &EventFilter,
    page: Page,
    without: &[Column],
) -> Result<Slice<Event>, StorageError> {
    let rows = filtered(permit, filter).without(without);
    let mut slice = page
        .of(db, rows, Column::Position, Cursor::as_position)
        .await?;
    unpack(db, &mut slice.items).await?;
    Ok(slice)
}

/// How many events match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &EventFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// What was stored after a log position, in the order of the log, at most `limit` events of
/// `types` (all types when empty).
pub async fn changes_after<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    position: i64,
    types: &[String],
    limit: u64,
) -> Result<Vec<Event>, StorageError> {
    let filter = EventFilter {
        types: types.to_vec(),
        ..EventFilter::default()
    };
    let stretch = position.saturating_add(1)..=i64::MAX;
    matching_in(db, permit, &filter, stretch, limit).await
}

/// The first events at these log positions that match, in the order of the log, at most `limit`.
pub(crate) async fn matching_in<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &EventFilter,
    stretch: RangeInclusive<i64>,
    limit: u64,
) -> Result<Vec<Event>, StorageError> {
    let (first, last) = stretch.into_inner();
    Ok(filtered(permit, filter)
        .filter(Column::Position.between(first, last))
        .order_by_asc(Column::Position)
        .limit(limit)
        .whole(db)
        .await?)
}

fn filtered(permit: &Permit<Read>, filter: &EventFilter) -> Select<Entity> {
    let types = (!filter.types.is_empty()).then(|| of_types(&filter.types));
    let not_from = filter.not_from.iter().copied();
    let others = (!filter.not_from.is_empty()).then(|| Column::Source.is_not_in(not_from));
    scoped(permit).filter(
        Condition::all()
            .add_option(types)
            .add_option(others)
            .add_option(filter.since.map(|since| Column::OccurredAt.gte(since)))
            .add_option(filter.until.map(|until| Column::OccurredAt.lt(until))),
    )
}

fn of_types(types: &[String]) -> Condition {
    let (begun, whole): (Vec<&String>, Vec<&String>) =
        types.iter().partition(|name| name.ends_with('*'));
    let mut any = Condition::any().add(Column::EventType.is_in(whole));
    for name in begun {
        let begin = name.trim_end_matches('*');
        let length = i32::try_from(begin.chars().count()).unwrap_or(i32::MAX);
        // `LIKE` would take `_` for any character, and SQLite's is not particular about case.
        let column = Expr::col(Column::EventType);
        let begins = Func::cust("substr").args([column, 1_i32.into(), length.into()]);
        any = any.add(Expr::from(begins).eq(begin));
    }
    any
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
