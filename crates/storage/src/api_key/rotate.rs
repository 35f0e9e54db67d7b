use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{ApiKey, find};
use crate::{
    Change, StorageError, Store, Timestamp,
    access::{ManageKeys, Permit},
    ids::ApiKeyId,
};

/// A new secret for a key.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The first characters of the new secret.
    pub prefix: String,
    /// SHA-256 of it.
    pub hash: Vec<u8>,
    /// From when on the old secret is refused. A secret that is older than that is refused at once.
    pub previous_until: Timestamp,
}

/// Gives a key a new secret; `None` when the workspace has no such key, or it was revoked or has expired.
pub async fn rotate(
    store: &Store,
    permit: &Permit<ManageKeys>,
    id: ApiKeyId,
    rotation: Rotation,
) -> Result<Option<ApiKey>, StorageError> {
    let scope = permit.clone();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let found = find(call.db(), &scope, id).await?;
                let Some(before) = found.filter(|key| key.is_valid(call.now())) else {
                    return Ok(None);
                };
                let mut row = before.clone();
                row.previous_hash = Some(std::mem::replace(&mut row.hash, rotation.hash));
                row.prefix = rotation.prefix;
                row.previous_until = Some(rotation.previous_until);
                row.rotated_at = Some(call.now());
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await?;
                call.publish(Change::Access(call.next_position(), scope.workspace()));
                call.did("rotated", &before, &row);
                Ok(Some(row))
            })
        })
        .await
}
