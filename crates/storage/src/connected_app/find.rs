use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
};

use super::{Column, ConnectedApp, Entity};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::ConnectedAppId,
    page::{Cursor, Page, Slice},
};

/// One connected app.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: ConnectedAppId,
) -> Result<Option<ConnectedApp>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[ConnectedAppId],
) -> Result<Vec<ConnectedApp>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// Those with one of these names: names need not be unique.
pub async fn named<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    names: &[&str],
) -> Result<Vec<ConnectedApp>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Name.is_in(names.iter().copied()))
        .all(db)
        .await?)
}

/// Those of these providers, oldest first.
pub async fn of_providers<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    providers: &[String],
) -> Result<Vec<ConnectedApp>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Provider.is_in(providers))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// The default app of a provider.
pub async fn default_of<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    provider: &str,
) -> Result<Option<ConnectedApp>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Provider.eq(provider))
        .filter(Column::IsDefault.eq(true))
        .one(db)
        .await?)
}

/// The default apps of these providers.
pub async fn defaults<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    providers: &[String],
) -> Result<Vec<ConnectedApp>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Provider.is_in(providers))
        .filter(Column::IsDefault.eq(true))
        .all(db)
        .await?)
}

/// The workspace's connected apps, newest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    page: Page,
) -> Result<Slice<ConnectedApp>, StorageError> {
    let rows = scoped(permit);
    page.of(db, rows, Column::Id, Cursor::as_id::<ConnectedAppId>)
        .await
}

/// How many connected apps the workspace has.
pub async fn count<C: ConnectionTrait>(db: &C, permit: &Permit<Read>) -> Result<u64, StorageError> {
    Ok(scoped(permit).count(db).await?)
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
