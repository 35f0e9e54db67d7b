//! People who are on their way to grant a connected app access.

use sea_orm::{ConnectionTrait, IntoActiveModel, QueryFilter, entity::prelude::*};

use crate::{
    Call, StorageError, Timestamp,
    ids::{ConnectedAppId, WorkspaceId},
};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_states")]
pub struct Model {
    /// SHA-256 of the `state` that comes back with them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    pub workspace_id: WorkspaceId,
    pub app_id: ConnectedAppId,
    /// The code verifier of RFC 7636, sealed.
    pub sealed_verifier: Vec<u8>,
    /// Where they come back to.
    pub redirect_uri: String,
    /// Where they are sent after that.
    pub return_to: Option<String>,
    /// Who sent them: an [`Actor`](crate::access::Actor) as text.
    pub started_by: String,
    pub expires_at: Timestamp,
}

/// Somebody on the way, as stored.
pub type OAuthState = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who comes back with this state, in any workspace: they have nothing else to show.
pub async fn find_by_hash<C: ConnectionTrait>(
    db: &C,
    hash: &[u8],
) -> Result<Option<OAuthState>, StorageError> {
    Ok(Entity::find_by_id(hash.to_vec()).one(db).await?)
}

/// Notes that somebody is on the way, and forgets those who never came back.
pub async fn add(call: &Call, state: OAuthState) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lt(call.now()))
        .exec(call.db())
        .await?;
    Entity::insert(state.into_active_model())
        .exec_without_returning(call.db())
        .await?;
    Ok(())
}

/// Forgets them. False when somebody else did before: a state is good for one return.
pub async fn take(call: &Call, hash: &[u8]) -> Result<bool, StorageError> {
    let deleted = Entity::delete_by_id(hash.to_vec()).exec(call.db()).await?;
    Ok(deleted.rows_affected > 0)
}
