use std::sync::Arc;

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{Entity, Resource};
use crate::{Call, Change, StorageError};

/// Writes a new resource.
pub async fn insert(call: &Call, mut resource: Resource) -> Result<Resource, StorageError> {
    resource.created_at = call.now();
    resource.updated_at = call.now();
    resource.revision = call.next_position();
    Entity::insert(resource.clone().into_active_model())
        .exec_without_returning(call.db())
        .await?;
    call.publish(Change::Resource(Arc::new(resource.clone())));
    call.created(&resource);
    Ok(resource)
}

/// Writes a changed one.
pub async fn update(call: &Call, resource: Resource) -> Result<Resource, StorageError> {
    let before = Entity::find_by_id(resource.id).one(call.db()).await?;
    let after = write(call, resource).await?;
    if let Some(before) = before {
        call.updated(&before, &after);
    }
    Ok(after)
}

/// Writes one over.
pub(super) async fn write(call: &Call, mut resource: Resource) -> Result<Resource, StorageError> {
    resource.updated_at = call.now();
    resource.revision = call.next_position();
    let update = resource.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    call.publish(Change::Resource(Arc::new(resource.clone())));
    Ok(resource)
}
