use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{User, find_unscoped};
use crate::{
    Change, StorageError, Store,
    access::{OwnAccount, Permit},
    ids::SessionId,
    membership::Account,
    user_session,
};

/// Gives a user another password, if it still is the one that was checked, and ends their sessions in all workspaces but the
/// one that stays. Returns whether it was done.
pub async fn change_password(
    store: &Store,
    permit: &Permit<OwnAccount>,
    checked: User,
    hash: String,
    stays: SessionId,
) -> Result<bool, StorageError> {
    let workspace = permit.workspace();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let found = find_unscoped(call.db(), checked.id).await?;
                let same = |user: &User| user.password_hash == checked.password_hash;
                let Some(before) = found.filter(same) else {
                    return Ok(false);
                };
                let mut row = before.clone();
                row.password_hash = hash;
                row.password_changed_at = call.now();
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await?;
                user_session::end_all(call, row.id, None, Some(stays)).await?;
                call.publish(Change::Access(call.next_position(), workspace));
                call.did("changedPassword", &Account(&before), &Account(&row));
                Ok(true)
            })
        })
        .await
}
