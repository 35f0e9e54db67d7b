use jackfield_storage::access::{ManageMessageTemplates, Permit};
use jackfield_storage::ids::{MessageTemplateId, ResourceId};
use jackfield_storage::message_template::{self, MessageTemplate};

use super::{MessageTemplateError, Texts, input};
use crate::Workflows;

/// What is to change of a message template; what is absent stays. The channel always does.
#[derive(Debug, Clone, Default)]
pub struct UpdateMessageTemplate {
    /// What people call it.
    pub name: Option<String>,
    /// What its messages say; a blank text is none.
    pub texts: Texts,
    /// What they are sent from; the default if `Some(None)`.
    pub sender: Option<Option<ResourceId>>,
    /// What it is for.
    pub description: Option<String>,
}

impl Workflows {
    /// Changes a message template. Steps that begin from now on send it as it is then.
    pub async fn update_message_template(
        &self,
        permit: &Permit<ManageMessageTemplates>,
        id: MessageTemplateId,
        update: UpdateMessageTemplate,
    ) -> Result<MessageTemplate, MessageTemplateError> {
        let read = permit.read();
        if let Some(sender) = update.sender {
            let found = message_template::find(self.0.store.reader(), &read, id).await?;
            let channel = found.ok_or(MessageTemplateError::NotFound)?.channel;
            let mut problems = Vec::new();
            self.check_sender(&read, channel, sender, &mut problems)
                .await?;
            if !problems.is_empty() {
                return Err(MessageTemplateError::Rejected(problems));
            }
        }
        self.0
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = message_template::find(call.db(), &read, id).await?;
                    let before = found.ok_or(MessageTemplateError::NotFound)?;
                    let after = update.applied_to(&before)?;
                    input::check_name_is_free(call, &read, &after.name, Some(id)).await?;
                    Ok(message_template::update(call, &before, after).await?)
                })
            })
            .await
    }
}

impl UpdateMessageTemplate {
    fn applied_to(self, before: &MessageTemplate) -> Result<MessageTemplate, MessageTemplateError> {
        let mut problems = Vec::new();
        let texts = self.texts.or(before.into());
        let texts = input::texts(before.channel, texts, &mut problems);
        let name = self.name.as_ref().unwrap_or(&before.name);
        let description = self.description.as_ref().unwrap_or(&before.description);
        let after = MessageTemplate {
            name: input::name(name, &mut problems),
            description: input::description(description, &mut problems),
            subject: texts.subject,
            html_body: texts.html_body,
            text_body: texts.text_body,
            sender_id: self.sender.unwrap_or(before.sender_id),
            ..before.clone()
        };
        match problems.is_empty() {
            true => Ok(after),
            false => Err(MessageTemplateError::Rejected(problems)),
        }
    }
}
