use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select,
};

use super::{AuditEntry, Column, Entity};
use crate::{
    StorageError, Timestamp,
    access::{Permit, ReadAuditLog},
    ids::AuditEntryId,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// Which entries are wanted; what is absent does not matter.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// By whom, as text.
    pub actor: Option<String>,
    /// To what kind of thing.
    pub entity: Option<String>,
    /// To which.
    pub entity_id: Option<String>,
    /// At or after this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// The workspace's entries, newest first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    filter: &AuditFilter,
    page: Page,
) -> Result<Slice<AuditEntry>, StorageError> {
    let rows = wanted(permit, filter);
    page.of(db, rows, Column::Id, Cursor::as_id::<AuditEntryId>)
        .await
}

/// One entry of the workspace.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    id: AuditEntryId,
) -> Result<Option<AuditEntry>, StorageError> {
    Ok(Entity::find_by_id(id)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .one(db)
        .await?)
}

/// How many that are.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ReadAuditLog>,
    filter: &AuditFilter,
) -> Result<u64, StorageError> {
    Ok(wanted(permit, filter).count(db).await?)
}

fn wanted(permit: &Permit<ReadAuditLog>, filter: &AuditFilter) -> Select<Entity> {
    let condition = Condition::all()
        .add_option(filter.actor.as_ref().map(|actor| Column::Actor.eq(actor)))
        .add_option(filter.entity.as_ref().map(|kind| Column::Entity.eq(kind)))
        .add_option(filter.entity_id.as_ref().map(|id| Column::EntityId.eq(id)))
        .add_option(filter.since.map(|since| Column::At.gte(since)))
        .add_option(filter.until.map(|until| Column::At.lt(until)));
    Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(condition)
}
