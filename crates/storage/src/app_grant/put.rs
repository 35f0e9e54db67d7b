use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{AppGrant, Column, Entity};
use crate::{
    Call, StorageError,
    ids::{ConnectedAppId, WorkspaceId},
};

/// Writes tokens in the place of those of the generation before, and gives the turn to refresh them back. False when there are none of that
/// any more: somebody has granted access anew, or it was taken away.
pub async fn renew(call: &Call, grant: AppGrant) -> Result<bool, StorageError> {
    let renewed = Entity::update_many()
        .col_expr(Column::Sealed, Expr::value(grant.sealed))
        .col_expr(Column::ExpiresAt, Expr::value(grant.expires_at))
        .col_expr(Column::Generation, Expr::value(grant.generation))
        .col_expr(Column::LeaseOwner, Expr::value(grant.lease_owner))
        .col_expr(Column::LeaseUntil, Expr::value(grant.lease_until))
        .filter(Column::AppId.eq(grant.app_id))
        .filter(Column::WorkspaceId.eq(grant.workspace_id))
        .filter(Column::Generation.eq(grant.generation - 1))
        .exec(call.db())
        .await?;
    Ok(renewed.rows_affected > 0)
}

/// Writes tokens in the place of those that the app had.
pub async fn put(call: &Call, grant: AppGrant) -> Result<(), StorageError> {
    let instead = OnConflict::column(Column::AppId)
        .update_columns([
            Column::Sealed,
            Column::ExpiresAt,
            Column::Generation,
            Column::LeaseOwner,
            Column::LeaseUntil,
        ])
        .to_owned();
    Entity::insert(grant.into_active_model())
        .on_conflict(instead)
        .exec_without_returning(call.db())
        .await?;
    Ok(())
}

/// Removes the tokens of an app.
pub async fn remove(
    call: &Call,
    workspace: WorkspaceId,
    app: ConnectedAppId,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::AppId.eq(app))
        .filter(Column::WorkspaceId.eq(workspace))
        .exec(call.db())
        .await?;
    Ok(())
}
