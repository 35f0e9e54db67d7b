use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::{Column, Delivery, DeliveryStatus, Entity};
use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    delivery_attempt,
    ids::{DeliveryId, EventId, WebhookEndpointId},
    page::{Cursor, Page, Slice, many},
    reader::ReadRows,
};

/// Which deliveries are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeliveryFilter {
    /// Only those to this endpoint.
    pub endpoint_id: Option<WebhookEndpointId>,
    /// Only those that are this far.
    pub status: Option<DeliveryStatus>,
}

/// One delivery.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: DeliveryId,
) -> Result<Option<Delivery>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[DeliveryId],
) -> Result<Vec<Delivery>, StorageError> {
    Ok(db
        .rows(scoped(permit).filter(Column::Id.is_in(ids.iter().copied())))
        .await?)
}

/// The workspace's deliveries, the last stored first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: DeliveryFilter,
    page: Page,
) -> Result<Slice<Delivery>, StorageError> {
    let rows = filtered(permit, filter);
    page.of(db, rows, Column::Position, Cursor::as_position)
        .await
}

/// Pages of deliveries, one for each that is wanted and in that order, the last stored first.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(DeliveryFilter, Page)],
) -> Result<Vec<Slice<Delivery>>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|(filter, page)| (filtered(permit, *filter), *page));
    many::pages(db, lists.collect(), Column::Position, Cursor::as_position).await
}

/// How many deliveries match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: DeliveryFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// How many deliveries match each of the filters.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filters: &[DeliveryFilter],
) -> Result<Vec<u64>, StorageError> {
    let lists = filters.iter().map(|filter| filtered(permit, *filter));
    many::counts(db, lists.collect()).await
}

/// The deliveries that came into being with each of these events, in their order and up to `limit` for each. An event is given by
/// its id and its position.
pub async fn of_events<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    events: &[(EventId, i64)],
    limit: i64,
) -> Result<Vec<Vec<Delivery>>, StorageError> {
    let of = |(id, position): &(EventId, i64)| {
        scoped(permit)
            .filter(Column::Position.gt(*position))
            .filter(Column::Position.lte(position.saturating_add(limit)))
            .filter(Column::EventId.eq(*id))
    };
    let mut found = many::rows(db, events.iter().map(of).collect()).await?;
    for deliveries in &mut found {
        deliveries.sort_unstable_by_key(|delivery| delivery.position);
    }
    Ok(found)
}

/// The deliveries that have changed after a log position and at `head` or before, each once, with the position of its last change,
/// in the order of these; at most `limit` changes of a kind are looked at. The second value is the position up to which was read,
/// if there may be more.
///
/// One that has changed after that place as well is not among them: it comes with its last change. `head` is a position that the
/// log's head had before this is called, as what is committed meanwhile would be seen in part only.
pub async fn changes_after<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    endpoint: Option<WebhookEndpointId>,
    (position, head): (i64, i64),
    limit: u64,
) -> Result<(Vec<(i64, Delivery)>, Option<i64>), StorageError> {
    let of_endpoint = || Condition::all().add_option(endpoint.map(|id| Column::EndpointId.eq(id)));
    let created = scoped(permit)
        .filter(of_endpoint())
        .filter(Column::Position.gt(position))
        .order_by_asc(Column::Position)
        .limit(limit)
        .all(db)
        .await?;
    let touched = scoped(permit)
        .filter(of_endpoint())
        .filter(Column::Touched.gt(position))
        .order_by_asc(Column::Touched)
        .limit(limit)
        .all(db)
        .await?;
    let tried = delivery_attempt::positions_after(db, permit, position, limit).await?;
    let ids: Vec<DeliveryId> = tried.iter().map(|(_, id)| *id).collect();
    let found = find_many(db, permit, &ids).await?;
    let found: std::collections::HashMap<DeliveryId, Delivery> =
        found.into_iter().map(|row| (row.id, row)).collect();
    let tried = tried
        .into_iter()
        .map(|(at, id)| (at, found.get(&id).cloned()));

    // Each source was read up to its last row at least; beyond the least of those ends something may be missing.
    let full = |rows: usize| rows as u64 == limit;
    let ends = [
        full(created.len()).then(|| created.last().map(|row| row.position)),
        full(touched.len()).then(|| touched.last().and_then(|row| row.touched)),
        full(tried.len()).then(|| tried.clone().next_back().map(|(at, _)| at)),
    ];
    let end = ends.into_iter().flatten().flatten().min();
    let until = end.map_or(head, |end| end.min(head));
    let wanted = |row: &Delivery| endpoint.is_none_or(|id| row.endpoint_id == id);
    let mut changes: Vec<(i64, Delivery)> = created
        .into_iter()
        .map(|row| (row.position, row))
        .chain(
            touched
                .into_iter()
                .filter_map(|row| Some((row.touched?, row))),
        )
        .chain(tried.filter_map(|(at, row)| Some((at, row?))))
        .filter(|(at, row)| *at <= until && wanted(row))
        .collect();
    // Read after the rows, so that no row shows a change that this does not know.
    let ids: Vec<DeliveryId> = changes.iter().map(|(_, row)| row.id).collect();
    let tried = delivery_attempt::last_positions(db, permit, &ids).await?;
    changes.retain(|(at, row)| {
        let last = tried.get(&row.id).copied().max(row.touched);
        *at == last.unwrap_or_default().max(row.position)
    });
    changes.sort_unstable_by_key(|(at, _)| *at);
    changes.dedup_by_key(|(at, _)| *at);
    Ok((changes, end))
}

/// Whether something has arrived at an endpoint since an instant.
pub async fn succeeded_since<C: ConnectionTrait>(
    db: &C,
    endpoint: WebhookEndpointId,
    since: Timestamp,
) -> Result<bool, StorageError> {
    let found: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(Column::EndpointId.eq(endpoint))
        .filter(Column::Status.eq(DeliveryStatus::Succeeded))
        .filter(Column::FinishedAt.gte(since))
        .order_by_desc(Column::Position)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// When the next delivery of any workspace becomes due, for the sender's timer.
pub async fn next_due<C: ConnectionTrait>(db: &C) -> Result<Option<Timestamp>, StorageError> {
    let due: Option<Timestamp> = Entity::find()
        .select_only()
        .column(Column::DueAt)
        .filter(Column::DueAt.is_not_null())
        .filter(Column::LeaseOwner.is_null())
        .order_by_asc(Column::DueAt)
        .into_tuple()
        .one(db)
        .await?;
    Ok(due)
}

fn filtered(permit: &Permit<Read>, filter: DeliveryFilter) -> Select<Entity> {
    scoped(permit).filter(
        Condition::all()
            .add_option(filter.endpoint_id.map(|id| Column::EndpointId.eq(id)))
            .add_option(filter.status.map(|status| Column::Status.eq(status))),
    )
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
