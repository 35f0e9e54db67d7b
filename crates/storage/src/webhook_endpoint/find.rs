use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select,
};

use super::{Column, Entity, WebhookEndpoint};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::WebhookEndpointId,
    like::contains,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
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
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[WebhookEndpointId],
) -> Result<Vec<WebhookEndpoint>, StorageError> {
    Ok(db
        .rows(scoped(permit).filter(Column::Id.is_in(ids.iter().copied())))
        .await?)
}

/// Which endpoints are wanted.
#[derive(Clone, Debug, Default)]
pub struct WebhookEndpointFilter {
    /// Only those that are switched on, or only those that are not.
    pub active: Option<bool>,
    /// Only those with this text in their name, URL or description.
    pub search: Option<String>,
}

/// The workspace's endpoints that match.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &WebhookEndpointFilter,
    page: Page,
) -> Result<Slice<WebhookEndpoint>, StorageError> {
    let rows = filtered(permit, filter);
    page.of(db, rows, Column::Id, Cursor::as_id::<WebhookEndpointId>)
        .await
}

/// How many endpoints match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &WebhookEndpointFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// The endpoints of all workspaces that were not deleted, for those who send to them.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<WebhookEndpoint>, StorageError> {
    Ok(Entity::find()
        .filter(Column::DeletedAt.is_null())
        .all(db)
        .await?)
}

fn filtered(permit: &Permit<Read>, filter: &WebhookEndpointFilter) -> Select<Entity> {
    let search = filter.search.as_deref().map(|text| {
        [Column::Name, Column::Url, Column::Description]
            .into_iter()
            .fold(Condition::any(), |any, column| {
                any.add(contains(column, text))
            })
    });
    present(permit).filter(
        Condition::all()
            .add_option(filter.active.map(|active| Column::Active.eq(active)))
            .add_option(search),
    )
}

fn present(permit: &Permit<Read>) -> Select<Entity> {
    scoped(permit).filter(Column::DeletedAt.is_null())
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
