use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::{Column, Entity, Rejection};
use crate::{
    StorageError,
    access::{Permit, Read},
    event::Received,
    hook_health::Verdict,
    ids::{InboundHookId, RejectionId},
    page::{Cursor, Page, Slice, many},
    reader::ReadRows,
};

/// How many traces of each verdict a hook keeps; older ones make room.
const KEPT_PER_HOOK: u64 = 50;

/// One trace.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: RejectionId,
) -> Result<Option<Rejection>, StorageError> {
    Ok(Entity::find_by_id(id)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .one(db)
        .await?)
}

/// Which traces are wanted; what is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceFilter {
    /// Of which verdict.
    pub verdict: Option<Verdict>,
    /// For this reason.
    pub reason: Option<String>,
    /// When they came.
    pub received: Received,
}

impl TraceFilter {
    /// Those of requests that were refused.
    pub fn rejected() -> Self {
        Self {
            verdict: Some(Verdict::Rejected),
            ..Self::default()
        }
    }
}

/// Pages of traces of hooks, one for each that is wanted and in that order, the newest first.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[((InboundHookId, TraceFilter), Page)],
) -> Result<Vec<Slice<Rejection>>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|((hook, filter), page)| (of(permit, *hook, filter), *page));
    let place = Cursor::as_id::<RejectionId>;
    many::pages(db, lists.collect(), Column::Id, place).await
}

/// How many traces each of these is.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(InboundHookId, TraceFilter)],
) -> Result<Vec<u64>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|(hook, filter)| of(permit, *hook, filter));
    many::counts(db, lists.collect()).await
}

fn of(permit: &Permit<Read>, hook: InboundHookId, filter: &TraceFilter) -> Select<Entity> {
    let received = filter.received;
    let reason = filter.reason.as_ref();
    let condition = Condition::all()
        .add_option(filter.verdict.map(|verdict| Column::Verdict.eq(verdict)))
        .add_option(reason.map(|reason| Column::Reason.eq(reason)))
        .add_option(received.since.map(|since| Column::ReceivedAt.gte(since)))
        .add_option(received.until.map(|until| Column::ReceivedAt.lt(until)));
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::HookId.eq(hook))
        .filter(condition)
}

/// Keeps a trace and forgets the hook's oldest of the same verdict beyond 50. Belongs into a
/// [`call`](crate::Writer::call).
pub async fn record<C: ConnectionTrait>(db: &C, rejection: Rejection) -> Result<(), StorageError> {
    let (hook, verdict) = (rejection.hook_id, rejection.verdict);
    Entity::insert(rejection.into_active_model())
        .exec_without_returning(db)
        .await?;
    let oldest_kept: Option<RejectionId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::HookId.eq(hook))
        .filter(Column::Verdict.eq(verdict))
        .order_by_desc(Column::Id)
        .offset(KEPT_PER_HOOK - 1)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    if let Some(oldest_kept) = oldest_kept {
        Entity::delete_many()
            .filter(Column::HookId.eq(hook))
            .filter(Column::Verdict.eq(verdict))
            .filter(Column::Id.lt(oldest_kept))
            .exec(db)
            .await?;
    }
    Ok(())
}
