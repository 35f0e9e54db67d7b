use std::sync::Arc;

use sea_orm::{EntityTrait, IntoActiveModel};

use super::{ApiKey, Entity};
use crate::{
    Change, StorageError, Store, Timestamp,
    access::{ManageKeys, Permit, Role},
};

/// A key that is to be stored.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// The first characters of the key.
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub hash: Vec<u8>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// Stores a key.
pub async fn create(
    store: &Store,
    permit: &Permit<ManageKeys>,
    key: NewApiKey,
) -> Result<ApiKey, StorageError> {
    let (id, workspace_id) = (store.clock().id(), permit.workspace());
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let row = ApiKey {
                    id,
                    workspace_id,
                    name: key.name,
                    role: key.role,
                    prefix: key.prefix,
                    hash: key.hash,
                    created_at: call.now(),
                    last_used_at: None,
                    expires_at: key.expires_at,
                    revoked_at: None,
                };
                Entity::insert(row.clone().into_active_model())
                    .exec_without_returning(call.db())
                    .await?;
                let position = call.next_position();
                call.publish(Change::ApiKey(position, Arc::new(row.clone())));
                Ok(row)
            })
        })
        .await
}
