use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageMessageTemplates;

use super::MessageTemplate;
use super::outcome::{outcome, unknown_template};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `deleteMessageTemplate`.
#[derive(Default)]
pub struct DeleteMessageTemplate;

/// What `deleteMessageTemplate` takes.
#[derive(InputObject)]
struct DeleteMessageTemplateInput {
    /// The message template to delete.
    message_template_id: ID,
    /// Whether to delete it although workflows send it.
    #[graphql(default)]
    force: bool,
}

/// What `deleteMessageTemplate` answers.
#[derive(SimpleObject)]
struct DeleteMessageTemplatePayload {
    /// The message template as it was; null when there are user errors.
    message_template: Option<MessageTemplate>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DeleteMessageTemplate {
    /// Deletes a message template. One that workflows send is deleted with `force` only; without it the answer says which they
    /// are. Their steps fail with MESSAGE_TEMPLATE_NOT_FOUND from then on.
    async fn delete_message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to delete.")] input: DeleteMessageTemplateInput,
    ) -> Result<DeleteMessageTemplatePayload> {
        let permit = ctx.permit::<ManageMessageTemplates>()?;
        let Ok(id) = input.message_template_id.parse() else {
            return Ok(DeleteMessageTemplatePayload {
                message_template: None,
                user_errors: vec![unknown_template()],
            });
        };
        let workflows = &ctx.services()?.workflows;
        let deleted = workflows.delete_message_template(&permit, id, input.force);
        let (message_template, user_errors) = outcome(deleted.await)?;
        Ok(DeleteMessageTemplatePayload {
            message_template,
            user_errors,
        })
    }
}
