//! Which resource of an app and type is used when nothing else is said. Each of these is done within the transaction that
//! changes something about it, so there is exactly one from the first verified resource on; a unique index stands behind it.

use super::{Resource, ResourceStatus, of_type, update};
use crate::{
    Call, StorageError,
    access::{Permit, Read},
};

/// Makes a resource the default, and the one before it no more.
pub async fn set_default(
    call: &Call,
    permit: &Permit<Read>,
    mut resource: Resource,
) -> Result<Resource, StorageError> {
    let all = of_type(call.db(), permit, resource.app_id, &resource.resource_type).await?;
    let before = all
        .into_iter()
        .find(|other| other.is_default && other.id != resource.id);
    if let Some(mut before) = before {
        before.is_default = false;
        update(call, before).await?;
    }
    if resource.is_default {
        return Ok(resource);
    }
    resource.is_default = true;
    update(call, resource).await
}

/// Makes the oldest verified resource of the same app and type the default, unless there is one. Returns it when it is new.
pub async fn inherit_default(
    call: &Call,
    permit: &Permit<Read>,
    of: &Resource,
) -> Result<Option<Resource>, StorageError> {
    let all = of_type(call.db(), permit, of.app_id, &of.resource_type).await?;
    if all.iter().any(|other| other.is_default) {
        return Ok(None);
    }
    let oldest = all
        .into_iter()
        .find(|other| other.status == ResourceStatus::Verified);
    match oldest {
        Some(mut heir) => {
            heir.is_default = true;
            update(call, heir).await.map(Some)
        }
        None => Ok(None),
    }
}
