use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Column, Entity, PasswordReset};
use crate::{
    Call, StorageError, Store, Timestamp,
    access::{ManageUsers, Permit, Role},
    ids::UserId,
    membership::{self, Membership},
};

/// A reset that is to be stored.
#[derive(Clone, Debug)]
pub struct NewReset {
    /// Whose password.
    pub user: UserId,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// From when on it cannot be used.
    pub expires_at: Timestamp,
}

/// Why a reset was not stored.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResetError {
    /// The workspace has no such user.
    #[error("there is no such user in this workspace")]
    NotFound,
    /// The user may do nothing in the workspace.
    #[error("this user is deactivated: reactivate them first")]
    Deactivated,
    /// The role of the user is higher than that of whoever asks.
    #[error("your role is {own}; only an {needed} can do this")]
    Higher {
        /// The role of whoever asks.
        own: Role,
        /// The role that would do.
        needed: Role,
    },
    /// Whoever has the link could do what the user may do elsewhere.
    #[error(
        "this user belongs to another workspace, too, whose admins did not ask for it: nobody but the user can change the password"
    )]
    Elsewhere,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Stores a reset in the place of an earlier one of the same user, if whoever asks may have one: nobody gets by it what their own role, or
/// the workspace, does not give them.
pub async fn create(
    store: &Store,
    permit: &Permit<ManageUsers>,
    own: Role,
    new: NewReset,
) -> Result<PasswordReset, ResetError> {
    let (scope, id) = (permit.clone(), store.clock().id());
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let member = may_reset(call, &scope, own, new.user).await?;
                remove_all(call, new.user).await?;
                let row = PasswordReset {
                    id,
                    workspace_id: scope.workspace(),
                    user_id: new.user,
                    token_hash: new.token_hash,
                    created_by: scope.actor().to_string(),
                    created_at: call.now(),
                    expires_at: new.expires_at,
                };
                Entity::insert(row.clone().into_active_model())
                    .exec_without_returning(call.db())
                    .await
                    .map_err(StorageError::from)?;
                call.did("offeredPasswordReset", &member, &member);
                Ok(row)
            })
        })
        .await
}

async fn may_reset(
    call: &Call,
    permit: &Permit<ManageUsers>,
    own: Role,
    id: UserId,
) -> Result<Membership, ResetError> {
    let found = membership::find(call.db(), permit, id).await?;
    let member = found.ok_or(ResetError::NotFound)?;
    if member.deactivated_at.is_some() {
        return Err(ResetError::Deactivated);
    }
    if member.role > own {
        let needed = member.role;
        return Err(ResetError::Higher { own, needed });
    }
    match belongs_elsewhere(call, &member).await? {
        true => Err(ResetError::Elsewhere),
        false => Ok(member),
    }
}

/// Whether a user may do something in another workspace, too.
pub(super) async fn belongs_elsewhere(
    call: &Call,
    member: &Membership,
) -> Result<bool, StorageError> {
    let all = membership::of_user(call.db(), member.user_id).await?;
    let elsewhere = |other: &Membership| other.workspace_id != member.workspace_id;
    Ok(all.iter().any(elsewhere))
}

/// Removes the resets of a user.
pub(super) async fn remove_all(call: &Call, user: UserId) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .exec(call.db())
        .await?;
    Ok(())
}

/// Deletes those that can be used no more.
pub(crate) async fn sweep(call: &Call) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lt(call.now()))
        .exec(call.db())
        .await?;
    Ok(())
}
