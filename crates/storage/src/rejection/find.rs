use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{Column, Entity, Rejection};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{InboundHookId, RejectionId},
    page::{Cursor, Page, Slice},
};

/// How many traces a hook keeps; older ones make room.
pub const KEPT_PER_HOOK: u64 = 50;

/// A hook's refused requests, newest first.
pub async fn of_hook<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hook: InboundHookId,
    page: Page,
) -> Result<Slice<Rejection>, StorageError> {
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::HookId.eq(hook));
    page.of(db, rows, Column::Id, Cursor::as_id::<RejectionId>)
        .await
}

/// Keeps a trace and forgets the hook's oldest beyond [`KEPT_PER_HOOK`]. Belongs into a
/// [`call`](crate::Writer::call).
pub async fn record<C: ConnectionTrait>(db: &C, rejection: Rejection) -> Result<(), StorageError> {
    let hook = rejection.hook_id;
    Entity::insert(rejection.into_active_model())
        .exec_without_returning(db)
        .await?;
    let oldest_kept: Option<RejectionId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::HookId.eq(hook))
        .order_by_desc(Column::Id)
        .offset(KEPT_PER_HOOK - 1)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    if let Some(oldest_kept) = oldest_kept {
        Entity::delete_many()
            .filter(Column::HookId.eq(hook))
            .filter(Column::Id.lt(oldest_kept))
            .exec(db)
            .await?;
    }
    Ok(())
}
