use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{ApiKey, find};
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
                let Some(before) = find(call.db(), &scope, id).await? else {
                    return Ok(None);
                };
                if before.revoked_at.is_some() {
                    return Ok(Some(before));
                }
                let mut row = before.clone();
                row.revoked_at = Some(call.now());
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await?;
                call.publish(Change::Access(call.next_position(), scope.workspace()));
                call.did("revoked", &before, &row);
                Ok(Some(row))
            })
        })
        .await
}
