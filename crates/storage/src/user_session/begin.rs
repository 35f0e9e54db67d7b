use sea_orm::{EntityTrait, IntoActiveModel};

use super::{Entity, UserSession};
use crate::{
    StorageError, Store, Timestamp,
    access::Actor,
    audit_log::Origin,
    ids::SessionId,
    membership::{self, Membership},
};

/// A session that is to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id, which its refresh token carries.
    pub id: SessionId,
    /// SHA-256 of what all its refresh tokens share.
    pub family_hash: Vec<u8>,
    /// SHA-256 of what only the first one has.
    pub refresh_hash: Vec<u8>,
    /// From when on that one is refused.
    pub expires_at: Timestamp,
}

/// Begins a session of a user who has proved who they are; `None` when they may do nothing in the workspace any more.
pub async fn begin(
    store: &Store,
    membership: &Membership,
    new: NewSession,
) -> Result<Option<UserSession>, StorageError> {
    let key = (membership.workspace_id, membership.user_id);
    let origin = Origin {
        workspace: key.0,
        actor: Actor::User(key.1),
    };
    store
        .writer()
        .call_as(origin, move |call| {
            Box::pin(async move {
                let found = membership::Entity::find_by_id(key).one(call.db()).await?;
                if found.is_none_or(|row| row.deactivated_at.is_some()) {
                    return Ok(None);
                }
                let row = UserSession {
                    id: new.id,
                    workspace_id: key.0,
                    user_id: key.1,
                    family_hash: new.family_hash,
                    refresh_hash: new.refresh_hash,
                    created_at: call.now(),
                    refreshed_at: call.now(),
                    expires_at: new.expires_at,
                    ended_at: None,
                };
                Entity::insert(row.clone().into_active_model())
                    .exec_without_returning(call.db())
                    .await?;
                call.created(&row);
                Ok(Some(row))
            })
        })
        .await
}
