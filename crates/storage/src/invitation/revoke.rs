use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{Invitation, find};
use crate::{
    Call, StorageError, Store,
    access::{ManageUsers, Permit},
    ids::InvitationId,
};

/// Takes an invitation back; `None` when the workspace has no such one. One that was accepted stays as it is.
pub async fn revoke(
    store: &Store,
    permit: &Permit<ManageUsers>,
    id: InvitationId,
) -> Result<Option<Invitation>, StorageError> {
    let scope = permit.clone();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                match find(call.db(), &scope, id).await? {
                    Some(row) if row.is_open(call.now()) => Ok(Some(take_back(call, row).await?)),
                    other => Ok(other),
                }
            })
        })
        .await
}

pub(super) async fn take_back(call: &Call, before: Invitation) -> Result<Invitation, StorageError> {
    let mut row = before.clone();
    row.revoked_at = Some(call.now());
    let update = row.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    call.did("revoked", &before, &row);
    Ok(row)
}
