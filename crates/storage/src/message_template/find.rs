use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{Column, Entity, MessageChannel, MessageTemplate};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::{MessageTemplateId, ResourceId},
    like::containing,
    page::{Cursor, Page, Slice},
    reader::ReadRows,
};

/// Which message templates are wanted. What is absent does not restrict.
#[derive(Clone, Debug, Default)]
pub struct MessageTemplateFilter {
    /// Only those of this channel.
    pub channel: Option<MessageChannel>,
    /// Only those with this text in their name or description, in capital or small letters.
    pub search: Option<String>,
}

/// One message template that was not deleted.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: MessageTemplateId,
) -> Result<Option<MessageTemplate>, StorageError> {
    Ok(present(permit).filter(Column::Id.eq(id)).one(db).await?)
}

/// Those of `ids` that are in the workspace and were not deleted, in no particular order.
pub async fn find_many<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    ids: &[MessageTemplateId],
) -> Result<Vec<MessageTemplate>, StorageError> {
    Ok(db
        .rows(present(permit).filter(Column::Id.is_in(ids.iter().copied())))
        .await?)
}

/// The one of that name.
pub async fn find_named<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    name: &str,
) -> Result<Option<MessageTemplate>, StorageError> {
    Ok(present(permit)
        .filter(Column::Name.eq(name))
        .one(db)
        .await?)
}

/// Those that are to be sent from these resources, oldest first.
pub async fn of_senders<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    senders: &[ResourceId],
) -> Result<Vec<MessageTemplate>, StorageError> {
    Ok(db
        .rows(
            present(permit)
                .filter(Column::SenderId.is_in(senders.iter().copied()))
                .order_by_asc(Column::Id),
        )
        .await?)
}

/// The workspace's message templates, newest first.
pub async fn list<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    filter: &MessageTemplateFilter,
    page: Page,
) -> Result<Slice<MessageTemplate>, StorageError> {
    let rows = filtered(permit, filter);
    page.of(db, rows, Column::Id, Cursor::as_id::<MessageTemplateId>)
        .await
}

/// How many message templates match.
pub async fn count<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    filter: &MessageTemplateFilter,
) -> Result<u64, StorageError> {
    Ok(filtered(permit, filter).count(db).await?)
}

/// What changed after a log position, oldest change first, at most `limit` rows; deleted ones are among them.
pub async fn changes_after<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    position: i64,
    limit: u64,
) -> Result<Vec<MessageTemplate>, StorageError> {
    Ok(scoped(permit)
        .filter(Column::Revision.gt(position))
        .order_by_asc(Column::Revision)
        .limit(limit)
        .all(db)
        .await?)
}

fn filtered(permit: &Permit<Read>, filter: &MessageTemplateFilter) -> Select<Entity> {
    let search = filter.search.as_deref().map(str::trim);
    let search = search.filter(|search| !search.is_empty()).map(|search| {
        // SQLite knows the small letters of ASCII only; whatever it makes of others, they match as they were entered.
        let has = |column: Column| {
            let lower = Expr::expr(Func::lower(Expr::col(column)));
            Condition::any()
                .add(lower.like(containing(&search.to_lowercase())))
                .add(Expr::col(column).like(containing(search)))
        };
        Condition::any()
            .add(has(Column::Name))
            .add(has(Column::Description))
    });
    let conditions = Condition::all()
        .add_option(filter.channel.map(|channel| Column::Channel.eq(channel)))
        .add_option(search);
    present(permit).filter(conditions)
}

fn present(permit: &Permit<Read>) -> Select<Entity> {
    scoped(permit).filter(Column::DeletedAt.is_null())
}

fn scoped(permit: &Permit<Read>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(permit.workspace()))
}
