use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::{Column, Entity, Rejection};
use crate::{
    StorageError,
    access::{Permit, Read},
    hook_health::Verdict,
    ids::{InboundHookId, RejectionId},
    page::{Cursor, Page, Slice, many},
    reader::ReadRows,
};

/// How many traces of each verdict a hook keeps; older ones make room.
pub const KEPT_PER_HOOK: u64 = 50;

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

/// Which traces are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RejectionFilter {
    /// Those of this hook.
    pub hook: InboundHookId,
    /// Only those of this verdict.
    pub verdict: Option<Verdict>,
}

/// Pages of traces, one for each that is wanted and in that order, the newest first.
pub async fn pages<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    wanted: &[(RejectionFilter, Page)],
) -> Result<Vec<Slice<Rejection>>, StorageError> {
    let lists = wanted.iter();
    let lists = lists.map(|(filter, page)| (filtered(permit, *filter), *page));
    let place = Cursor::as_id::<RejectionId>;
    many::pages(db, lists.collect(), Column::Id, place).await
}

/// How many traces match each of the filters.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filters: &[RejectionFilter],
) -> Result<Vec<u64>, StorageError> {
    let lists = filters.iter().map(|filter| filtered(permit, *filter));
    many::counts(db, lists.collect()).await
}

fn filtered(permit: &Permit<Read>, filter: RejectionFilter) -> Select<Entity> {
    let verdict = filter.verdict.map(|verdict| Column::Verdict.eq(verdict));
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::HookId.eq(filter.hook))
        .filter(Condition::all().add_option(verdict))
}

/// Keeps a trace and forgets the hook's oldest of the same verdict beyond [`KEPT_PER_HOOK`]. Belongs into a
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
