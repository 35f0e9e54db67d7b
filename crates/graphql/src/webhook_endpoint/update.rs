use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;
use jackfield_webhooks::outbound::EndpointInput;

use super::input::DeliveryOptionsInput;
use super::{WebhookEndpoint, outcome, unknown_endpoint};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `updateWebhookEndpoint`.
#[derive(Default)]
pub struct UpdateWebhookEndpoint;

/// What `updateWebhookEndpoint` takes. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateWebhookEndpointInput {
    /// The endpoint to change.
    webhook_endpoint_id: ID,
    /// What people call it.
    name: Option<String>,
    /// Where events go: `https://…`, to which they are posted, or `tls://host/subject` of a NATS server; no private address.
    url: Option<String>,
    /// The types that it gets, in place of the earlier ones; every type when it is empty.
    event_types: Option<Vec<String>>,
    /// Only events that share one of these channels are sent, in place of the earlier ones; when it is empty, events of every
    /// channel and of none.
    channels: Option<Vec<String>>,
    /// What it is for.
    description: Option<String>,
    /// Whether events are sent to it. While it is not active nothing is kept for it; what was still to be sent is cancelled when
    /// its time comes.
    active: Option<bool>,
    /// How it is sent to.
    options: Option<DeliveryOptionsInput>,
}

/// What `updateWebhookEndpoint` answers.
#[derive(SimpleObject, Default)]
struct UpdateWebhookEndpointPayload {
    /// The endpoint; null when there are user errors.
    webhook_endpoint: Option<WebhookEndpoint>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl UpdateWebhookEndpoint {
    /// Changes an endpoint.
    async fn update_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateWebhookEndpointInput,
    ) -> Result<UpdateWebhookEndpointPayload> {
        let permit = ctx.permit::<ManageWebhooks>()?;
        let Ok(id) = input.webhook_endpoint_id.parse() else {
            return Ok(UpdateWebhookEndpointPayload {
                user_errors: vec![unknown_endpoint()],
                ..Default::default()
            });
        };
        let mut update = EndpointInput {
            name: input.name,
            url: input.url,
            description: input.description,
            active: input.active,
            event_types: input.event_types,
            channels: input.channels,
            ..EndpointInput::default()
        };
        input.options.unwrap_or_default().put_into(&mut update);
        let updated = ctx
            .services()?
            .outbound
            .update_endpoint(&permit, id, update);
        let (row, user_errors) = outcome(updated.await, unknown_endpoint)?;
        Ok(UpdateWebhookEndpointPayload {
            webhook_endpoint: row.map(WebhookEndpoint),
            user_errors,
        })
    }
}
