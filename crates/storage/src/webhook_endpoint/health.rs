use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Column, Entity};
use crate::{StorageError, Timestamp, ids::WebhookEndpointId};

/// Writes down since when nothing but failures was seen, unless it stands there already.
///
/// Health is nobody's business but the senders', so the revision stays.
pub async fn mark_failing<C: ConnectionTrait>(
    db: &C,
    id: WebhookEndpointId,
    since: Timestamp,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::FailingSince, Expr::value(since))
        .filter(Column::Id.eq(id))
        .filter(Column::FailingSince.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Writes down that something has arrived.
pub async fn mark_healthy<C: ConnectionTrait>(
    db: &C,
    id: WebhookEndpointId,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::FailingSince, Expr::value(Option::<Timestamp>::None))
        .filter(Column::Id.eq(id))
        .filter(Column::FailingSince.is_not_null())
        .exec(db)
        .await?;
    Ok(())
}
