use super::{MessageTemplate, write::write};
use crate::{Call, StorageError};

/// Deletes a message template, and returns what it was.
pub async fn delete(
    call: &Call,
    template: MessageTemplate,
) -> Result<MessageTemplate, StorageError> {
    call.deleted(&template);
    let deleted = MessageTemplate {
        deleted_at: Some(call.now()),
        subject: None,
        html_body: None,
        text_body: None,
        sender_id: None,
        ..template.clone()
    };
    write(call, deleted).await?;
    Ok(template)
}
