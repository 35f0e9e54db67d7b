use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};

use super::{Column, Entity, WorkflowVersion};
use crate::{
    StorageError,
    access::{Permit, Read},
    like::containing,
    workflow,
};

/// The drafts and published versions whose definition has one of these texts in it, of workflows that are not deleted.
///
/// The database looks through the text of all of them, which is for what people ask once in a while.
pub async fn current_with<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    texts: &[String],
) -> Result<Vec<WorkflowVersion>, StorageError> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let mentions = texts.iter().fold(Condition::any(), |any, text| {
        any.add(Expr::col(Column::Definition).like(containing(text)))
    });
    let current = Condition::any()
        .add(Column::Id.in_subquery(living(permit, workflow::Column::DraftVersionId).into_query()))
        .add(
            Column::Id
                .in_subquery(living(permit, workflow::Column::PublishedVersionId).into_query()),
        );
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(current)
        .filter(mentions)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

fn living(permit: &Permit<Read>, version: workflow::Column) -> Select<workflow::Entity> {
    workflow::Entity::find()
        .select_only()
        .column(version)
        .filter(workflow::Column::WorkspaceId.eq(permit.workspace()))
        .filter(workflow::Column::DeletedAt.is_null())
        .filter(version.is_not_null())
}
