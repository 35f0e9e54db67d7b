use sea_orm::{EntityTrait, IntoActiveModel};

use super::{ApiKey, Entity, find::find_live};
use crate::{
    Call, Change, Clock, StorageError, Store, Timestamp,
    access::{ManageKeys, Permit, Role, Scopes},
    ids::WorkspaceId,
};

/// A key that is to be stored.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// For which integration it is.
    pub integration: Option<String>,
    /// What its holder may do.
    pub role: Role,
    /// What of that it is limited to.
    pub scopes: Scopes,
    /// The first characters of the key.
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub hash: Vec<u8>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// Why a key was not stored.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateKeyError {
    /// A key of that name is neither revoked nor expired.
    #[error("there is a key of this name already: choose another one, or revoke that key")]
    NameTaken,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Stores a key.
///
/// # Errors
///
/// When its name is that of another key that is in use.
pub async fn create(
    store: &Store,
    permit: &Permit<ManageKeys>,
    key: NewApiKey,
) -> Result<ApiKey, CreateKeyError> {
    let (scope, clock) = (permit.clone(), store.clock().clone());
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                // Calls come one after the other, over all nodes, so nobody takes the name in between.
                let taken = find_live(call.db(), &scope, &key.name, call.now()).await?;
                if taken.is_some() {
                    return Err(CreateKeyError::NameTaken);
                }
                Ok(insert(call, scope.workspace(), key, &clock).await?)
            })
        })
        .await
}

/// Writes a key into a workspace in which its name is free.
pub(crate) async fn insert(
    call: &Call,
    workspace_id: WorkspaceId,
    key: NewApiKey,
    clock: &Clock,
) -> Result<ApiKey, StorageError> {
    let row = ApiKey {
        id: clock.id(),
        workspace_id,
        name: key.name,
        integration: key.integration,
        role: key.role,
        scopes: key.scopes.stored(),
        prefix: key.prefix,
        hash: key.hash,
        created_at: call.now(),
        last_used_at: None,
        expires_at: key.expires_at,
        revoked_at: None,
        previous_hash: None,
        previous_until: None,
        rotated_at: None,
    };
    Entity::insert(row.clone().into_active_model())
        .exec_without_returning(call.db())
        .await?;
    call.publish(Change::Access(call.next_position(), workspace_id));
    call.created(&row);
    Ok(row)
}
