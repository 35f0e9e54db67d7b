use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::{Column, Entity, Resource, ResourceStatus};
use crate::{
    StorageError,
    access::{Permit, Read},
    connected_app,
    ids::{ConnectedAppId, ResourceId},
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// Which resources are wanted. What is absent does not restrict.
#[derive(Clone, Debug, Default)]
pub struct ResourceFilter {
    /// Only those of this type.
    pub resource_type: Option<String>,
    /// Only those of apps of this provider.
    pub provider: Option<String>,
    /// Only those of this app.
    pub app_id: Option<ConnectedAppId>,
    /// Only those that are verified, of apps that are not switched off.
    pub usable: bool,
}

/// One resource that was not deleted.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: ResourceId,
) -> Result<Option<Resource>, StorageError> {
    Ok(present(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace and were not deleted, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[ResourceId],
) -> Result<Vec<Resource>, StorageError> {
    Ok(db
        .rows(present(permit).filter(Column::Id.is_in(ids.iter().copied())))
        .await?)
}

/// Those of `ids` that are in the workspace, deleted ones among them, in no particular order.
pub async fn find_deleted_too<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[ResourceId],
) -> Result<Vec<Resource>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The defaults of these types, each a provider with a resource type of it, that can be used: of whichever app that is not
/// switched off, oldest first.
pub async fn usable_defaults<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    kinds: &[(String, String)],
) -> Result<Vec<Resource>, StorageError> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = kinds
        .iter()
        .fold(Condition::any(), |any, (provider, kind)| {
            let of_kind = Condition::all()
                .add(Column::Provider.eq(provider))
                .add(Column::ResourceType.eq(kind));
            any.add(of_kind)
        });
    Ok(present(permit)
        .filter(Column::IsDefault.eq(true))
        .filter(usable(permit))
        .filter(kinds)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// The workspace's resources, newest first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &ResourceFilter,
    page: Page,
) -> Result<Slice<Resource>, StorageError> {
    let rows = filtered(permit, filter);
    page.of(db, rows, Column::Id, Cursor::as_id::<ResourceId>)
        .await
}

/// How many resources match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &ResourceFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// All resources of these apps, oldest first.
pub async fn of_apps<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    apps: &[ConnectedAppId],
) -> Result<Vec<Resource>, StorageError> {
    Ok(db
        .rows(
            present(permit)
                .filter(Column::AppId.is_in(apps.iter().copied()))
                .order_by_asc(Column::Id),
        )
        .await?)
}

/// The resources of one type of an app, oldest first.
pub async fn of_type<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    app: ConnectedAppId,
    resource_type: &str,
) -> Result<Vec<Resource>, StorageError> {
    Ok(db
        .rows(
            present(permit)
                .filter(Column::AppId.eq(app))
                .filter(Column::ResourceType.eq(resource_type))
                .order_by_asc(Column::Id),
        )
        .await?)
}

/// What a step wants: those of `ids`, of whichever app, and the defaults of `app`.
pub async fn wanted<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    app: ConnectedAppId,
    ids: &[ResourceId],
) -> Result<Vec<Resource>, StorageError> {
    let defaults = Condition::all()
        .add(Column::AppId.eq(app))
        .add(Column::IsDefault.eq(true));
    let named = Column::Id.is_in(ids.iter().copied());
    let rows = present(permit).filter(Condition::any().add(defaults).add(named));
    Ok(db.rows(rows).await?)
}

/// What changed after a log position, oldest change first, at most `limit` rows; deleted ones are among them.
pub async fn changes_after<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    position: i64,
    limit: u64,
) -> Result<Vec<Resource>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Revision.gt(position))
        .order_by_asc(Column::Revision)
        .limit(limit)
        .all(db)
        .await?)
}

fn filtered(permit: &Permit<Read>, filter: &ResourceFilter) -> Select<Entity> {
    let kind = filter.resource_type.as_deref();
    let provider = filter.provider.as_deref();
    let usable = filter.usable.then(|| usable(permit));
    let conditions = Condition::all()
        .add_option(kind.map(|kind| Column::ResourceType.eq(kind)))
        .add_option(provider.map(|provider| Column::Provider.eq(provider)))
        .add_option(filter.app_id.map(|app| Column::AppId.eq(app)))
        .add_option(usable);
    present(permit).filter(conditions)
}

/// They are verified, and their app is not switched off.
fn usable(permit: &Permit<Read>) -> Condition {
    let active = connected_app::Entity::find()
        .select_only()
        .column(connected_app::Column::Id)
        .filter(connected_app::Column::WorkspaceId.eq(permit.workspace()))
        .filter(connected_app::Column::Active.eq(true));
    Condition::all()
        .add(Column::Status.eq(ResourceStatus::Verified))
        .add(Column::AppId.in_subquery(active.into_query()))
}

fn present(permit: &Permit<Read>) -> Select<Entity> {
    scoped(permit).filter(Column::DeletedAt.is_null())
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
