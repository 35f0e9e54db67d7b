use jackfield_storage::access::{ManageMessageTemplates, Permit};
use jackfield_storage::ids::ResourceId;
use jackfield_storage::message_template::{self, MessageChannel, MessageTemplate};

use super::{MessageTemplateError, Texts, input};
use crate::Workflows;

/// A message template that is to be made.
#[derive(Debug, Clone)]
pub struct NewMessageTemplate {
    /// What people call it.
    pub name: String,
    /// How its messages are sent.
    pub channel: MessageChannel,
    /// What they say.
    pub texts: Texts,
    /// What they are sent from; the default if none.
    pub sender: Option<ResourceId>,
    /// What it is for.
    pub description: String,
}

impl Workflows {
    /// Checks a message template and stores it.
    pub async fn create_message_template(
        &self,
        permit: &Permit<ManageMessageTemplates>,
        new: NewMessageTemplate,
    ) -> Result<MessageTemplate, MessageTemplateError> {
        let read = permit.read();
        let mut problems = Vec::new();
        let name = input::name(&new.name, &mut problems);
        let texts = input::texts(new.channel, new.texts, &mut problems);
        let description = input::description(&new.description, &mut problems);
        self.check_sender(&read, new.channel, new.sender, &mut problems)
            .await?;
        if !problems.is_empty() {
            return Err(MessageTemplateError::Rejected(problems));
        }
        self.0
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    input::check_name_is_free(call, &read, &name, None).await?;
                    input::check_room(call, &read).await?;
                    let row = MessageTemplate {
                        id: call.id(),
                        workspace_id: read.workspace(),
                        name,
                        channel: new.channel,
                        subject: texts.subject,
                        html_body: texts.html_body,
                        text_body: texts.text_body,
                        sender_id: new.sender,
                        description,
                        created_at: call.now(),
                        updated_at: call.now(),
                        deleted_at: None,
                        revision: 0,
                    };
                    Ok(message_template::insert(call, row).await?)
                })
            })
            .await
    }
}
