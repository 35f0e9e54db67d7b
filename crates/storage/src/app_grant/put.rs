use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};

use super::{AppGrant, Column, Entity};
use crate::{
    Call, StorageError,
    ids::{ConnectedAppId, WorkspaceId},
};

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
