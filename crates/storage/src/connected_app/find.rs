use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Select,
};

use super::{Column, ConnectedApp, Entity};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::ConnectedAppId,
    like::contains,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// One connected app.
pub async fn find<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    id: ConnectedAppId,
) -> Result<Option<ConnectedApp>, StorageError> {
    let found = db.rows(scoped(permit).filter(Column::Id.eq(id))).await?;
    Ok(found.into_iter().next())
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[ConnectedAppId],
) -> Result<Vec<ConnectedApp>, StorageError> {
    Ok(db
        .rows(scoped(permit).filter(Column::Id.is_in(ids.iter().copied())))
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
pub async fn of_providers<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    providers: &[String],
) -> Result<Vec<ConnectedApp>, StorageError> {
    Ok(db
        .rows(
            scoped(permit)
                .filter(Column::Provider.is_in(providers))
                .order_by_asc(Column::Id),
        )
        .await?)
}

/// The default app of a provider.
pub async fn default_of<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    provider: &str,
) -> Result<Option<ConnectedApp>, StorageError> {
    let default = scoped(permit)
        .filter(Column::Provider.eq(provider))
        .filter(Column::IsDefault.eq(true));
    Ok(db.rows(default).await?.into_iter().next())
}

/// The default apps of these providers.
pub async fn defaults<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    providers: &[String],
) -> Result<Vec<ConnectedApp>, StorageError> {
    let defaults = scoped(permit)
        .filter(Column::Provider.is_in(providers))
        .filter(Column::IsDefault.eq(true));
    Ok(db.rows(defaults).await?)
}

/// The workspace's connected apps, newest first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &ConnectedAppFilter,
    page: Page,
) -> Result<Slice<ConnectedApp>, StorageError> {
    let rows = filtered(permit, filter);
    page.of(db, rows, Column::Id, Cursor::as_id::<ConnectedAppId>)
        .await
}

/// How many connected apps match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &ConnectedAppFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// Which connected apps are wanted.
#[derive(Clone, Debug, Default)]
pub struct ConnectedAppFilter {
    /// Only those of this provider.
    pub provider: Option<String>,
    /// Only those that are switched on, or only those that are not.
    pub active: Option<bool>,
    /// Only those with this text in their name.
    pub search: Option<String>,
}

fn filtered(permit: &Permit<Read>, filter: &ConnectedAppFilter) -> Select<Entity> {
    let (provider, search) = (filter.provider.as_deref(), filter.search.as_deref());
    scoped(permit).filter(
        Condition::all()
            .add_option(provider.map(|provider| Column::Provider.eq(provider)))
            .add_option(filter.active.map(|active| Column::Active.eq(active)))
            .add_option(search.map(|text| contains(Column::Name, text))),
    )
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
