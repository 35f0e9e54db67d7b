use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{
    PasswordReset,
    create::{belongs_elsewhere, remove_all},
    find_by_token,
};
use crate::{
    Change, StorageError, Store,
    access::Actor,
    audit_log::Origin,
    membership::{self, Account, Member},
    user, user_session,
};

/// Why no other password was set.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RedeemError {
    /// It was used or has expired in the meantime, or its user may not have it any more.
    #[error("this link cannot be used any more")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Gives the user of a reset the password whose hash this is, and ends all their sessions. It can be done once.
///
/// # Errors
///
/// When the reset cannot be used any more, also because its user belongs to another workspace by now.
pub async fn redeem(
    store: &Store,
    reset: &PasswordReset,
    password_hash: String,
) -> Result<Member, RedeemError> {
    let (workspace, user) = (reset.workspace_id, reset.user_id);
    let origin = Origin {
        workspace,
        actor: Actor::User(user),
    };
    let token_hash = reset.token_hash.clone();
    store
        .writer()
        .call_as(origin, move |call| {
            Box::pin(async move {
                let found = find_by_token(call.db(), &token_hash, call.now()).await?;
                let open = found.ok_or(RedeemError::Gone)?;
                let members = membership::of_user(call.db(), open.user_id).await?;
                let here = members
                    .into_iter()
                    .find(|member| member.workspace_id == open.workspace_id);
                let membership = here.ok_or(RedeemError::Gone)?;
                if belongs_elsewhere(call, &membership).await? {
                    return Err(RedeemError::Gone);
                }
                let found = user::find_unscoped(call.db(), open.user_id).await?;
                let before = found.ok_or(RedeemError::Gone)?;
                let mut row = before.clone();
                row.password_hash = password_hash;
                row.password_changed_at = call.now();
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await.map_err(StorageError::from)?;
                remove_all(call, row.id).await?;
                user_session::end_all(call, row.id, None, None).await?;
                call.publish(Change::Access(call.next_position(), workspace));
                call.did("resetPassword", &Account(&before), &Account(&row));
                Ok(Member {
                    membership,
                    user: row,
                })
            })
        })
        .await
}
