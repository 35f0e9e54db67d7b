//! Deliveries: written with their event, claimed, and moved on attempt by attempt.
//!
//! - Those that this process sends at once are born claimed. What becomes of them is one update and one new row each, many
//!   in one statement.
//! - Of a queue only the first is ever due. Whatever adds to a queue or ends its first looks, in the same transaction, which
//!   one is the first now. Transactions of all nodes come one after the other, so that order needs no lock of its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
    sea_query::{Expr, LockBehavior, LockType},
};

use super::{
    Call, Claim,
    batch::Tables,
    plan::{Fenced, Plan},
    rows::{Row, Writing},
    statement::{Rows, statement},
};
use crate::{
    StorageError, Timestamp,
    delivery::{Column, Delivery, Entity},
    delivery_attempt::DeliveryAttempt,
    event::{self, Event},
    ids::{EventId, WebhookEndpointId},
    payload::Whole,
    webhook_endpoint,
};

const SECOND: Duration = Duration::from_secs(1);

/// How long before its instant a delivery to an endpoint with a rate limit may be claimed.
const NEAR: Duration = Duration::from_millis(200);

/// A delivery that is this process's to send.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// What is sent; none when retention has deleted it.
    pub event: Option<Arc<Event>>,
}

static INSERT: Rows = Rows {
    before: "INSERT INTO deliveries (workspace_id, position, id, event_id, endpoint_id, status, attempts, queue, due_at, \
             slot, lease_owner, fence, begun, manual, created_at, finished_at, touched) ",
    columns: 17,
    after: "",
};

impl Row for Delivery {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        values.extend([
            self.workspace_id.into(),
            (writing.base + self.position).into(),
            self.id.into(),
            self.event_id.into(),
            self.endpoint_id.into(),
            self.status.into(),
            self.attempts.into(),
            self.queue.clone().into(),
            self.due_at.into(),
            self.slot.into(),
            self.lease_owner.clone().into(),
            self.fence.into(),
            self.begun.into(),
            self.manual.into(),
            self.created_at.into(),
            self.finished_at.into(),
            self.touched.into(),
        ]);
    }
}

/// Written again after a commit whose answer was lost, an attempt is there already.
static ATTEMPTS: Rows = Rows {
    before: "INSERT INTO delivery_attempts (workspace_id, position, id, delivery_id, number, cause, status, status_code, \
             duration_ms, request_headers, response_body, error, attempted_at) ",
    columns: 13,
    after: " ON CONFLICT (delivery_id, number) DO NOTHING",
};

impl Row for DeliveryAttempt {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        values.extend([
            self.workspace_id.into(),
            (writing.base + self.position).into(),
            self.id.into(),
            self.delivery_id.into(),
            self.number.into(),
            self.cause.into(),
            self.status.into(),
            self.status_code.into(),
            self.duration_ms.into(),
            self.request_headers.clone().into(),
            self.response_body.clone().into(),
            self.error.clone().into(),
            self.attempted_at.into(),
        ]);
    }
}

static UPDATE: Rows = Rows {
    before: "WITH given (workspace_id, position, expected, status, attempts, queue, due_at, slot, lease_owner, fence, \
             manual, finished_at, touched) AS (",
    columns: 13,
    after: ") UPDATE deliveries SET status = given.status, attempts = given.attempts, queue = given.queue, \
            due_at = given.due_at, slot = given.slot, lease_owner = given.lease_owner, fence = given.fence, manual = given.manual, \
            finished_at = given.finished_at, touched = given.touched \
            FROM given WHERE deliveries.workspace_id = given.workspace_id AND deliveries.position = given.position \
            AND deliveries.fence = given.expected AND deliveries.status = 'PENDING' RETURNING deliveries.id",
};

/// A delivery with the fence that its row must have, and the position of its change if that is no attempt.
struct Moved<'d> {
    delivery: &'d Delivery,
    expected: i64,
    position: i64,
}

impl Row for Moved<'_> {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        let delivery = self.delivery;
        let touched = (self.position > 0).then_some(writing.base + self.position);
        values.extend([
            delivery.workspace_id.into(),
            delivery.position.into(),
            self.expected.into(),
            delivery.status.into(),
            delivery.attempts.into(),
            delivery.queue.clone().into(),
            delivery.due_at.into(),
            delivery.slot.into(),
            delivery.lease_owner.clone().into(),
            delivery.fence.into(),
            delivery.manual.into(),
            delivery.finished_at.into(),
            touched.or(delivery.touched).into(),
        ]);
    }
}

/// Adds the deliveries of a batch.
pub(super) fn plan(
    plan: &mut Plan,
    backend: DbBackend,
    tables: &Tables<'_>,
    writing: &Writing,
    now: Timestamp,
) -> Result<(), DbErr> {
    let moved: Vec<Moved<'_>> = tables
        .attempted
        .iter()
        .map(|attempted| Moved {
            delivery: &attempted.delivery,
            expected: attempted.delivery.fence,
            position: attempted.position,
        })
        .collect();
    let moved: Vec<&Moved<'_>> = moved.iter().collect();
    plan.deliveries = Fenced {
        statements: UPDATE.statements(backend, &moved, writing)?,
        rows: moved.len(),
    };
    let rows = insert(backend, &tables.deliveries, writing, now)?;
    plan.rows.extend(rows);
    let attempts: Vec<&DeliveryAttempt> = tables
        .attempted
        .iter()
        .filter_map(|attempted| attempted.attempt.as_ref())
        .collect();
    let attempts = ATTEMPTS.statements(backend, &attempts, writing)?;
    plan.rows.extend(attempts);
    let left = tables
        .attempted
        .iter()
        .filter_map(|attempted| attempted.left.as_deref());
    let left: BTreeSet<&str> = left.collect();
    let next = left
        .into_iter()
        .map(|queue| next_in_queue(backend, queue, now));
    plan.rows.extend(next);
    Ok(())
}

/// The statements that write new deliveries, and make those due that are the first of their queue.
pub(super) fn insert(
    backend: DbBackend,
    rows: &[&Delivery],
    writing: &Writing,
    now: Timestamp,
) -> Result<Vec<Statement>, DbErr> {
    let mut statements = INSERT.statements(backend, rows, writing)?;
    let queues = rows.iter().filter_map(|row| row.queue.as_deref());
    let queues: BTreeSet<&str> = queues.collect();
    let next = queues
        .into_iter()
        .map(|queue| next_in_queue(backend, queue, now));
    statements.extend(next);
    Ok(statements)
}

/// The statement that makes the first of a queue due, unless it is already.
pub(super) fn next_in_queue(backend: DbBackend, queue: &str, now: Timestamp) -> Statement {
    const NEXT: &str = "UPDATE deliveries SET due_at = $1 WHERE queue = $2 AND due_at IS NULL AND position = \
                        (SELECT min(position) FROM deliveries WHERE queue = $3)";
    let values = vec![now.into(), queue.into(), queue.into()];
    statement(backend, NEXT, values)
}

/// Writes deliveries of which this transaction has raised the fence.
pub(crate) async fn move_on(call: &Call, rows: &[Delivery]) -> Result<(), DbErr> {
    let moved: Vec<Moved<'_>> = rows
        .iter()
        .map(|delivery| Moved {
            delivery,
            expected: delivery.fence - 1,
            position: 0,
        })
        .collect();
    let moved: Vec<&Moved<'_>> = moved.iter().collect();
    UPDATE.execute(call.db(), &moved, &Writing::default()).await
}

/// Claims what is due, the longest waiting first.
pub(super) async fn claim(
    call: &Call,
    claim: &Claim,
) -> Result<Vec<ClaimedDelivery>, StorageError> {
    let db = call.db();
    let mut due = Entity::find()
        .filter(Column::DueAt.lte(call.now()))
        .order_by_asc(Column::DueAt)
        .limit(claim.limit);
    if db.get_database_backend() == DbBackend::Postgres {
        due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let mut deliveries = due.all(db).await?;
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    for delivery in &mut deliveries {
        delivery.lease_owner = Some(claim.owner.clone());
        delivery.due_at = Some(call.now().after(claim.lease));
        delivery.fence += 1;
    }
    give_slots(call, &mut deliveries).await?;
    move_on(call, &deliveries).await?;
    deliveries.retain(|delivery| delivery.lease_owner.is_some());
    let ids: Vec<EventId> = deliveries.iter().map(|row| row.event_id).collect();
    let events = event::Entity::find()
        .filter(event::Column::Id.is_in(ids))
        .whole(db)
        .await?;
    let events: HashMap<EventId, Arc<Event>> = events
        .into_iter()
        .map(|event| (event.id, Arc::new(event)))
        .collect();
    Ok(deliveries
        .into_iter()
        .map(|delivery| ClaimedDelivery {
            event: events.get(&delivery.event_id).cloned(),
            delivery,
        })
        .collect())
}

/// Holds endpoints with a rate limit to it: each delivery gets the next free instant of its endpoint, and one whose instant
/// is not near is put off to it. The next free instant is in the endpoint's row, so that all nodes together keep to it.
async fn give_slots(call: &Call, deliveries: &mut [Delivery]) -> Result<(), StorageError> {
    let ids: BTreeSet<WebhookEndpointId> = deliveries.iter().map(|row| row.endpoint_id).collect();
    let limited = webhook_endpoint::Entity::find()
        .filter(webhook_endpoint::Column::Id.is_in(ids))
        .filter(webhook_endpoint::Column::RateLimit.is_not_null())
        .all(call.db())
        .await?;
    let now = call.now();
    for endpoint in limited {
        let apart = SECOND / endpoint.rate_limit.unwrap_or(1).max(1).unsigned_abs();
        let mut free = endpoint.next_slot.max(now);
        for delivery in deliveries
            .iter_mut()
            .filter(|row| row.endpoint_id == endpoint.id)
        {
            // Instants that passed while nobody sent are lost: used all at once they would break the limit.
            let kept = delivery.slot.filter(|slot| now.since(*slot) < SECOND);
            let slot = kept.unwrap_or(free);
            if kept.is_none() {
                free = free.after(apart);
            }
            delivery.slot = Some(slot);
            if slot.since(now) > NEAR {
                delivery.lease_owner = None;
                delivery.due_at = Some(slot);
            }
        }
        webhook_endpoint::Entity::update_many()
            .col_expr(webhook_endpoint::Column::NextSlot, Expr::value(free))
            .filter(webhook_endpoint::Column::Id.eq(endpoint.id))
            .exec(call.db())
            .await?;
    }
    Ok(())
}

/// Moves the ends of the leases that are half over.
pub(super) async fn renew(call: &Call, claim: &Claim) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(call.now().after(claim.lease)))
        .filter(Column::DueAt.lte(call.now().after(claim.lease / 2)))
        .filter(Column::LeaseOwner.eq(&claim.owner))
        .exec(call.db())
        .await?;
    Ok(())
}
