use super::{Resource, inherit_default, of_apps, write::write};
use crate::{
    Call, StorageError,
    access::{Permit, Read},
    ids::ConnectedAppId,
};

/// Deletes a resource. If it was the default, the oldest verified one takes its place.
pub async fn delete(
    call: &Call,
    permit: &Permit<Read>,
    resource: Resource,
) -> Result<Resource, StorageError> {
    let deleted = bury(call, resource).await?;
    inherit_default(call, permit, &deleted).await?;
    Ok(deleted)
}

/// Deletes all resources of an app that is gone.
pub async fn delete_of_app(
    call: &Call,
    permit: &Permit<Read>,
    app: ConnectedAppId,
) -> Result<(), StorageError> {
    for resource in of_apps(call.db(), permit, &[app]).await? {
        bury(call, resource).await?;
    }
    Ok(())
}

async fn bury(call: &Call, mut resource: Resource) -> Result<Resource, StorageError> {
    call.deleted(&resource);
    resource.deleted_at = Some(call.now());
    resource.is_default = false;
    write(call, resource).await
}
