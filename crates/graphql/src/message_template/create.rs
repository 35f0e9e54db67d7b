use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageMessageTemplates;
use jackfield_workflows::message_template::{NewMessageTemplate, Texts};

use super::outcome::{outcome, sender};
use super::{MessageChannel, MessageTemplate};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `createMessageTemplate`.
#[derive(Default)]
pub struct CreateMessageTemplate;

/// What `createMessageTemplate` takes.
#[derive(InputObject)]
struct CreateMessageTemplateInput {
    /// What people call it, unique in the workspace; at most 200 characters.
    name: String,
    /// How its messages are sent. It cannot be changed later.
    channel: MessageChannel,
    /// The subject of a mail, at most 1,000 characters.
    subject: Option<String>,
    /// The text of a mail as HTML, at most 200 KiB. A mail needs this text, the plain one, or both.
    html_body: Option<String>,
    /// The plain text of a mail, at most 64 KiB, or that of a text message, at most 10 KiB.
    text_body: Option<String>,
    /// The resource that its messages are sent from, of a type with this channel; the default when it is not given.
    sender_id: Option<ID>,
    /// What it is for; at most 2,000 characters.
    description: Option<String>,
}

/// What `createMessageTemplate` answers.
#[derive(SimpleObject)]
struct CreateMessageTemplatePayload {
    /// The message template; null when there are user errors.
    message_template: Option<MessageTemplate>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateMessageTemplate {
    /// Makes a message template. Every expression is read at once; what is wrong with one is told with its field and place.
    async fn create_message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to make.")] input: CreateMessageTemplateInput,
    ) -> Result<CreateMessageTemplatePayload> {
        let permit = ctx.permit::<ManageMessageTemplates>()?;
        let sender = match sender(input.sender_id.as_ref()) {
            Ok(sender) => sender,
            Err(error) => {
                return Ok(CreateMessageTemplatePayload {
                    message_template: None,
                    user_errors: vec![error],
                });
            }
        };
        let new = NewMessageTemplate {
            name: input.name,
            channel: input.channel.into(),
            texts: Texts {
                subject: input.subject,
                html_body: input.html_body,
                text_body: input.text_body,
            },
            sender,
            description: input.description.unwrap_or_default(),
        };
        let workflows = &ctx.services()?.workflows;
        let created = workflows.create_message_template(&permit, new).await;
        let (message_template, user_errors) = outcome(created)?;
        Ok(CreateMessageTemplatePayload {
            message_template,
            user_errors,
        })
    }
}
