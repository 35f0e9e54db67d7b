use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use super::{Column, Entity, WebhookEndpoint};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::WebhookEndpointId,
    page::{Cursor, Page, Slice},
};

/// One endpoint that was not deleted.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: WebhookEndpointId,
) -> Result<Option<WebhookEndpoint>, StorageError> {
    Ok(present(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace, deleted or not, in no particular order.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[WebhookEndpointId],
) -> Result<Vec<WebhookEndpoint>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The workspace's endpoints, newest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    page: Page,
) -> Result<Slice<WebhookEndpoint>, StorageError> {
    page.of(
        db,
        present(permit),
        Column::Id,
        Cursor::as_id::<WebhookEndpointId>,
    )
    .await
}

/// How many endpoints the workspace has.
pub async fn count<C: ConnectionTrait>(db: &C, permit: &Permit<Read>) -> Result<u64, StorageError> {
    Ok(present(permit).count(db).await?)
}

/// The endpoints of all workspaces that were not deleted, for those who send to them.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<WebhookEndpoint>, StorageError> {
    Ok(Entity::find()
        .filter(Column::DeletedAt.is_null())
        .all(db)
        .await?)
}

fn present(permit: &Permit<Read>) -> Select<Entity> {
    scoped(permit).filter(Column::DeletedAt.is_null())
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
