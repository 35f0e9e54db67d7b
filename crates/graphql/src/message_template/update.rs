use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use jackfield_storage::access::ManageMessageTemplates;
use jackfield_storage::ids::ResourceId;
use jackfield_workflows::message_template::{Texts, UpdateMessageTemplate as Update};

use super::MessageTemplate;
use super::outcome::{outcome, sender, unknown_template};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `updateMessageTemplate`.
#[derive(Default)]
pub struct UpdateMessageTemplate;

/// What `updateMessageTemplate` takes. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateMessageTemplateInput {
    /// The message template to change.
    message_template_id: ID,
    /// What people call it.
    name: Option<String>,
    /// The subject of a mail.
    subject: Option<String>,
    /// The text of a mail as HTML; an empty text removes it.
    html_body: Option<String>,
    /// The plain text of a mail, which an empty text removes, or that of a text message.
    text_body: Option<String>,
    /// The resource that its messages are sent from; null for the default.
    sender_id: MaybeUndefined<ID>,
    /// What it is for.
    description: Option<String>,
}

/// What `updateMessageTemplate` answers.
#[derive(SimpleObject)]
struct UpdateMessageTemplatePayload {
    /// The message template; null when there are user errors.
    message_template: Option<MessageTemplate>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl UpdateMessageTemplatePayload {
    fn refused(error: UserError) -> Self {
        Self {
            message_template: None,
            user_errors: vec![error],
        }
    }
}

#[Object]
impl UpdateMessageTemplate {
    /// Changes a message template. Steps that begin from now on send it as it is then.
    async fn update_message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateMessageTemplateInput,
    ) -> Result<UpdateMessageTemplatePayload> {
        let permit = ctx.permit::<ManageMessageTemplates>()?;
        let Ok(id) = input.message_template_id.parse() else {
            return Ok(UpdateMessageTemplatePayload::refused(unknown_template()));
        };
        let sender = match changed_sender(&input.sender_id) {
            Ok(sender) => sender,
            Err(error) => return Ok(UpdateMessageTemplatePayload::refused(error)),
        };
        let update = Update {
            name: input.name,
            texts: Texts {
                subject: input.subject,
                html_body: input.html_body,
                text_body: input.text_body,
            },
            sender,
            description: input.description,
        };
        let workflows = &ctx.services()?.workflows;
        let updated = workflows.update_message_template(&permit, id, update).await;
        let (message_template, user_errors) = outcome(updated)?;
        Ok(UpdateMessageTemplatePayload {
            message_template,
            user_errors,
        })
    }
}

/// The sender of an input in which null stands for the default.
pub fn changed_sender(given: &MaybeUndefined<ID>) -> Result<Option<Option<ResourceId>>, UserError> {
    match given {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(id) => sender(Some(id)).map(Some),
    }
}
