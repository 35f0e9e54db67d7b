use sea_orm::{ConnectionTrait, EntityTrait};

use super::{Entity, UserSession};
use crate::{
    StorageError, Timestamp,
    access::{Actor, Principal, Scopes},
    ids::SessionId,
    membership::{self, Membership},
};

/// A session and what its user may do: how somebody who has signed in is authenticated.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The session.
    pub session: UserSession,
    /// What its user may do in its workspace.
    pub membership: Membership,
}

/// The session with that id, in any workspace, with what its user may do.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    id: SessionId,
) -> Result<Option<Standing>, StorageError> {
    let Some(session) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let key = (session.workspace_id, session.user_id);
    let membership = membership::Entity::find_by_id(key).one(db).await?;
    Ok(membership.map(|membership| Standing {
        session,
        membership,
    }))
}

impl Standing {
    /// The caller, as long as they may do anything.
    pub fn principal(&self, now: Timestamp) -> Option<Principal> {
        let session = &self.session;
        let stands = session.ended_at.is_none()
            && now < session.expires_at
            && self.membership.deactivated_at.is_none();
        stands.then_some(Principal {
            workspace: session.workspace_id,
            actor: Actor::User(session.user_id),
            role: self.membership.role,
            scopes: Scopes::All,
            session: Some(session.id),
        })
    }
}
