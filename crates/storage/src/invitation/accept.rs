use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{Invitation, find_by_token};
use crate::{
    Call, StorageError, Store,
    access::Actor,
    audit_log::Origin,
    ids::UserId,
    membership::{self, Account, Member, Membership},
    user::{self, User},
};

/// Who accepts.
#[derive(Clone)]
pub enum Newcomer {
    /// Somebody who is a user of this server, and has proved it.
    Known(User),
    /// Somebody who is not.
    New {
        /// What people call them.
        name: String,
        /// What their password comes to.
        password_hash: String,
    },
}

/// Why an invitation was not accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AcceptError {
    /// It was accepted, taken back or has expired in the meantime, or the address became a user's.
    #[error("this invitation cannot be accepted any more")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Makes whoever has the token of an invitation a user of its workspace. It can be done once.
///
/// # Errors
///
/// When the invitation is not open any more.
pub async fn accept(
    store: &Store,
    invitation: &Invitation,
    newcomer: Newcomer,
) -> Result<Member, AcceptError> {
    let id = match &newcomer {
        Newcomer::Known(user) => user.id,
        Newcomer::New { .. } => store.clock().id(),
    };
    let origin = Origin {
        workspace: invitation.workspace_id,
        actor: Actor::User(id),
    };
    let token_hash = invitation.token_hash.clone();
    store
        .writer()
        .call_as(origin, move |call| {
            Box::pin(async move {
                let found = find_by_token(call.db(), &token_hash).await?;
                let open = found.filter(|row| row.is_open(call.now()));
                let before = open.ok_or(AcceptError::Gone)?;
                let user = match newcomer {
                    Newcomer::Known(user) if user.email == before.email => user,
                    Newcomer::Known(_) => return Err(AcceptError::Gone),
                    Newcomer::New {
                        name,
                        password_hash,
                    } => create_user(call, &before, (id, name, password_hash)).await?,
                };
                let mut row = before.clone();
                row.accepted_at = Some(call.now());
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await.map_err(StorageError::from)?;
                call.did("accepted", &before, &row);
                let membership = Membership {
                    workspace_id: row.workspace_id,
                    user_id: user.id,
                    role: row.role,
                    created_at: call.now(),
                    deactivated_at: None,
                };
                membership::put(call, membership.clone()).await?;
                Ok(Member { membership, user })
            })
        })
        .await
}

async fn create_user(
    call: &Call,
    invitation: &Invitation,
    (id, name, password_hash): (UserId, String, String),
) -> Result<User, AcceptError> {
    let email = invitation.email.parse().map_err(|_| AcceptError::Gone)?;
    if user::find_by_email(call.db(), &email).await?.is_some() {
        return Err(AcceptError::Gone);
    }
    let row = User {
        id,
        email: invitation.email.clone(),
        name,
        password_hash,
        password_changed_at: call.now(),
        created_at: call.now(),
    };
    user::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(call.db())
        .await
        .map_err(StorageError::from)?;
    call.created(&Account(&row));
    Ok(row)
}
