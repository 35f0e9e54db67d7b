use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::{Column, Entity, Replay, ReplayScope, ReplayStatus};
use crate::{
    Call, StorageError,
    access::{Permit, Read},
    delivery::{self, Delivery, DeliveryStatus},
    event::{self, Event, EventFilter},
    ids::{EventId, ReplayId, WebhookEndpointId},
    writer::{self, NewDelivery},
};

/// Behind its event within so many positions an event's first delivery to an endpoint is found.
const NEAR: i64 = 10_000;

/// Sends the next `limit` events of a replay on their way, each as the delivery that `make` makes of it, if any, or, where a
/// delivery of such an event has failed, that one again; events of the sources `not_from` are left out. Returns the replay as it is
/// then; nothing when it does not go on.
pub async fn step(
    call: &Call,
    permit: &Permit<Read>,
    id: ReplayId,
    limit: u64,
    not_from: Vec<&'static str>,
    make: impl Fn(&Event) -> Option<NewDelivery> + Send,
) -> Result<Option<Replay>, StorageError> {
    let db = call.db();
    let found = super::find(db, permit, id).await?;
    let Some(mut replay) = found.filter(|row| row.status == ReplayStatus::Running) else {
        return Ok(None);
    };
    let filter = EventFilter {
        types: replay.types(),
        not_from,
        since: replay.since,
        until: replay.until,
    };
    let stretch = (replay.position + 1)..=replay.last;
    let events = event::matching_in(db, permit, &filter, stretch, limit).await?;
    let mut earlier = match replay.scope {
        ReplayScope::All => HashMap::new(),
        ReplayScope::Missing => earlier(call, &replay, &events).await?,
    };
    let mut new = Vec::new();
    for event in &events {
        let Some(delivery) = make(event) else {
            continue;
        };
        match earlier.remove(&event.id) {
            None => new.push((event.id, vec![delivery])),
            Some(row) => {
                let over =
                    [DeliveryStatus::Failed, DeliveryStatus::Cancelled].contains(&row.status);
                if !over {
                    continue;
                }
                delivery::send_again(call, row, false).await?;
            }
        }
        replay.sent += 1;
    }
    for (event, deliveries) in new {
        writer::deliver(call, replay.workspace_id, event, deliveries).await?;
    }
    replay.looked_at += i64::try_from(events.len()).unwrap_or(i64::MAX);
    match events.last() {
        Some(last) if events.len() as u64 == limit => replay.position = last.position,
        _ => {
            replay.position = replay.last;
            replay.status = ReplayStatus::Finished;
            replay.finished_at = Some(call.now());
        }
    }
    let row = replay.clone().into_active_model().reset_all();
    row.update(db).await?;
    Ok(Some(replay))
}

/// The deliveries of these events to the replay's endpoint.
async fn earlier(
    call: &Call,
    replay: &Replay,
    events: &[Event],
) -> Result<HashMap<EventId, Delivery>, StorageError> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Ok(HashMap::new());
    };
    let rows = delivery::Entity::find()
        .filter(delivery::Column::WorkspaceId.eq(replay.workspace_id))
        .filter(delivery::Column::EndpointId.eq(replay.endpoint_id))
        .filter(delivery::Column::Position.gt(first.position))
        .filter(delivery::Column::Position.lte(last.position.saturating_add(NEAR)))
        .filter(delivery::Column::EventId.is_in(events.iter().map(|event| event.id)))
        .order_by_desc(delivery::Column::Position)
        .all(call.db())
        .await?;
    Ok(rows.into_iter().map(|row| (row.event_id, row)).collect())
}

/// Ends the replays to an endpoint that is gone.
pub async fn cancel_all(call: &Call, endpoint: WebhookEndpointId) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(ReplayStatus::Cancelled))
        .col_expr(Column::FinishedAt, Expr::value(call.now()))
        .filter(Column::EndpointId.eq(endpoint))
        .filter(Column::Status.is_in([ReplayStatus::Running, ReplayStatus::Paused]))
        .exec(call.db())
        .await?;
    Ok(())
}
