use std::sync::Arc;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{ApiKey, Column, Entity, find};
use crate::{
    Change, StorageError, Store,
    access::{ManageKeys, Permit},
    ids::ApiKeyId,
};

/// Revokes a key for good; `None` when the workspace has no such key. Revoking it again changes nothing.
pub async fn revoke(
    store: &Store,
    permit: &Permit<ManageKeys>,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, StorageError> {
    let scope = permit.clone();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                Entity::update_many()
                    .col_expr(Column::RevokedAt, Expr::value(call.now()))
                    .filter(Column::Id.eq(id))
                    .filter(Column::WorkspaceId.eq(scope.workspace()))
                    .filter(Column::RevokedAt.is_null())
                    .exec(call.db())
                    .await?;
                let key = find(call.db(), &scope, id).await?;
                if let Some(key) = &key {
                    let position = call.next_position();
                    call.publish(Change::ApiKey(position, Arc::new(key.clone())));
                }
                Ok(key)
            })
        })
        .await
}
