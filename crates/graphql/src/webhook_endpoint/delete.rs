use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;

use super::{WebhookEndpoint, outcome, unknown_endpoint};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `deleteWebhookEndpoint`.
#[derive(Default)]
pub struct DeleteWebhookEndpoint;

/// What `deleteWebhookEndpoint` takes.
#[derive(InputObject)]
struct DeleteWebhookEndpointInput {
    /// The endpoint to delete.
    webhook_endpoint_id: ID,
}

/// What `deleteWebhookEndpoint` answers.
#[derive(SimpleObject, Default)]
struct DeleteWebhookEndpointPayload {
    /// The endpoint as it was; null when there are user errors.
    webhook_endpoint: Option<WebhookEndpoint>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DeleteWebhookEndpoint {
    /// Deletes an endpoint and its secret for good, and cancels what was still to be sent. Its deliveries stay to be seen.
    async fn delete_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to delete.")] input: DeleteWebhookEndpointInput,
    ) -> Result<DeleteWebhookEndpointPayload> {
        let permit = ctx.permit::<ManageWebhooks>()?;
        let Ok(id) = input.webhook_endpoint_id.parse() else {
            return Ok(DeleteWebhookEndpointPayload {
                user_errors: vec![unknown_endpoint()],
                ..Default::default()
            });
        };
        let deleted = ctx.services()?.outbound.delete_endpoint(&permit, id).await;
        let (row, user_errors) = outcome(deleted, unknown_endpoint)?;
        Ok(DeleteWebhookEndpointPayload {
            webhook_endpoint: row.map(WebhookEndpoint),
            user_errors,
        })
    }
}
