use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::{Column, Entity, EventType};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::EventTypeId,
};

/// What a search looks at.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Summary {
    /// The type's id.
    pub id: EventTypeId,
    /// What events carry as their type.
    pub name: String,
    /// What it is about.
    pub category: String,
    /// When such an event happens.
    pub description: String,
}

/// Which types are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeFilter {
    /// Only those of this category.
    pub category: Option<String>,
    /// Also those that are archived.
    pub archived: bool,
}

/// One type.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: EventTypeId,
) -> Result<Option<EventType>, StorageError> {
    Ok(scoped(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace, in no particular order.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[EventTypeId],
) -> Result<Vec<EventType>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// Those with these names, in no particular order, also archived ones.
pub async fn named<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    names: &[&str],
) -> Result<Vec<EventType>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Name.is_in(names.iter().copied()))
        .all(db)
        .await?)
}

/// The whole catalogue, also what is archived, in no particular order.
pub async fn all<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
) -> Result<Vec<EventType>, StorageError> {
    Ok(scoped(permit).all(db).await?)
}

/// What a search looks at, of every type that passes the filter, by name.
pub async fn summaries<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &TypeFilter,
) -> Result<Vec<Summary>, StorageError> {
    let category = filter.category.as_ref();
    let only_present = (!filter.archived).then(|| Column::ArchivedAt.is_null());
    Ok(scoped(permit)
        .select_only()
        .columns([
            Column::Id,
            Column::Name,
            Column::Category,
            Column::Description,
        ])
        .filter(
            Condition::all()
                .add_option(category.map(|category| Column::Category.eq(category)))
                .add_option(only_present),
        )
        .order_by_asc(Column::Name)
        .into_model()
        .all(db)
        .await?)
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
