use std::time::Duration;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, UpdateMany, sea_query::Expr};

use super::{AppGrant, Column, Entity};
use crate::{Call, StorageError, Timestamp};

/// Takes the turn to refresh these tokens, for so long. False when somebody else has it, or has refreshed them.
pub async fn lease(
    call: &Call,
    grant: &AppGrant,
    owner: &str,
    length: Duration,
) -> Result<bool, StorageError> {
    let free = Condition::any()
        .add(Column::LeaseUntil.is_null())
        .add(Column::LeaseUntil.lt(call.now()));
    let taken = same(grant)
        .col_expr(Column::LeaseOwner, Expr::value(owner))
        .col_expr(Column::LeaseUntil, Expr::value(call.now().after(length)))
        .filter(free)
        .exec(call.db())
        .await?;
    Ok(taken.rows_affected > 0)
}

/// Gives the turn back without having refreshed them.
pub async fn release(call: &Call, grant: &AppGrant, owner: &str) -> Result<(), StorageError> {
    let none: Option<Timestamp> = None;
    same(grant)
        .col_expr(Column::LeaseUntil, Expr::value(none))
        .filter(Column::LeaseOwner.eq(owner))
        .exec(call.db())
        .await?;
    Ok(())
}

fn same(grant: &AppGrant) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::AppId.eq(grant.app_id))
        .filter(Column::WorkspaceId.eq(grant.workspace_id))
        .filter(Column::Generation.eq(grant.generation))
}
