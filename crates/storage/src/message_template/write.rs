use std::sync::Arc;

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{Entity, MessageTemplate};
use crate::{Call, Change, StorageError};

/// Writes a new message template.
pub async fn insert(
    call: &Call,
    mut template: MessageTemplate,
) -> Result<MessageTemplate, StorageError> {
    template.revision = call.next_position();
    Entity::insert(template.clone().into_active_model())
        .exec_without_returning(call.db())
        .await?;
    call.publish(Change::MessageTemplate(Arc::new(template.clone())));
    call.created(&template);
    Ok(template)
}

/// Writes a changed one in the place of `before`.
pub async fn update(
    call: &Call,
    before: &MessageTemplate,
    template: MessageTemplate,
) -> Result<MessageTemplate, StorageError> {
    let after = write(call, template).await?;
    call.updated(before, &after);
    Ok(after)
}

/// Writes one over.
pub(super) async fn write(
    call: &Call,
    mut template: MessageTemplate,
) -> Result<MessageTemplate, StorageError> {
    template.updated_at = call.now();
    template.revision = call.next_position();
    let update = template.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    call.publish(Change::MessageTemplate(Arc::new(template.clone())));
    Ok(template)
}
