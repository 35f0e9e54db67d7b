use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use super::{Column, Entity, Rejection};
use crate::{
    StorageError,
    access::{Permit, Read},
    hook_health::Verdict,
    ids::{InboundHookId, RejectionId},
    page::{Cursor, Page, Slice},
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

/// A hook's refused requests, newest first.
pub async fn of_hook<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    page: Page,
) -> Result<Slice<Rejection>, StorageError> {
    let rows = of(permit, hook).filter(Column::Verdict.eq(Verdict::Rejected));
    page.of(db, rows, Column::Id, Cursor::as_id::<RejectionId>)
        .await
}

/// A hook's traces of every verdict, newest first.
pub async fn traces<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    page: Page,
) -> Result<Slice<Rejection>, StorageError> {
    let rows = of(permit, hook);
    page.of(db, rows, Column::Id, Cursor::as_id::<RejectionId>)
        .await
}

/// How many traces of every verdict a hook has.
pub async fn count_of_hook<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
) -> Result<u64, StorageError> {
    Ok(of(permit, hook).count(db).await?)
}

fn of(permit: &Permit<Read>, hook: InboundHookId) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::HookId.eq(hook))
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
