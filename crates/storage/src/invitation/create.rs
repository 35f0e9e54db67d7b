use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Column, Entity, Invitation};
use crate::{
    Call, StorageError, Store, Timestamp,
    access::{ManageUsers, Permit, Role},
    membership,
    user::{self, Email},
};

/// An invitation that is to be stored.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Whose.
    pub email: Email,
    /// What they will be.
    pub role: Role,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// From when on it cannot be accepted.
    pub expires_at: Timestamp,
}

/// Why an invitation was not stored.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InviteError {
    /// They belong to the workspace already.
    #[error(
        "this is the address of a user of the workspace: change their role, or reactivate them"
    )]
    Member,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Stores an invitation. An open one for the same address is taken back.
///
/// # Errors
///
/// When the address is that of a user of the workspace.
pub async fn create(
    store: &Store,
    permit: &Permit<ManageUsers>,
    new: NewInvitation,
) -> Result<Invitation, InviteError> {
    let (scope, id) = (permit.clone(), store.clock().id());
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                if is_member(call.db(), &scope, &new.email).await? {
                    return Err(InviteError::Member);
                }
                take_back_open(call, &scope, &new.email).await?;
                let row = Invitation {
                    id,
                    workspace_id: scope.workspace(),
                    email: new.email.to_string(),
                    role: new.role,
                    token_hash: new.token_hash,
                    invited_by: scope.actor().to_string(),
                    created_at: call.now(),
                    expires_at: new.expires_at,
                    accepted_at: None,
                    revoked_at: None,
                };
                Entity::insert(row.clone().into_active_model())
                    .exec_without_returning(call.db())
                    .await
                    .map_err(StorageError::from)?;
                call.created(&row);
                Ok(row)
            })
        })
        .await
}

async fn is_member<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageUsers>,
    email: &Email,
) -> Result<bool, StorageError> {
    let Some(user) = user::find_by_email(db, email).await? else {
        return Ok(false);
    };
    Ok(membership::find(db, permit, user.id).await?.is_some())
}

async fn take_back_open(
    call: &Call,
    permit: &Permit<ManageUsers>,
    email: &Email,
) -> Result<(), StorageError> {
    let open = Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::Email.eq(email.as_str()))
        .filter(Column::AcceptedAt.is_null())
        .filter(Column::RevokedAt.is_null())
        .all(call.db())
        .await?;
    for before in open {
        super::revoke::take_back(call, before).await?;
    }
    Ok(())
}
