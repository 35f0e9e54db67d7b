use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;
use jackfield_webhooks::outbound::EndpointInput;

use super::input::DeliveryOptionsInput;
use super::kinds::SignatureAlgorithm;
use super::{WebhookEndpoint, outcome, unknown_endpoint};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `createWebhookEndpoint`.
#[derive(Default)]
pub struct CreateWebhookEndpoint;

/// What `createWebhookEndpoint` takes.
#[derive(InputObject)]
struct CreateWebhookEndpointInput {
    /// What people call it; the URL's host by default.
    name: Option<String>,
    /// Where events go: `https://…`, to which they are posted, or `tls://host/subject` of a NATS server; no private address.
    url: String,
    /// The types that it gets, or what types begin with, followed by `*`; every type by default.
    event_types: Option<Vec<String>>,
    /// Only events that share one of these channels are sent, such as `project_1042`; 10 at most. By default events of every
    /// channel and of none.
    channels: Option<Vec<String>>,
    /// What it is for.
    description: Option<String>,
    /// Whether events are sent to it; yes by default.
    active: Option<bool>,
    /// How what is sent is signed, which cannot be changed later; `HMAC_SHA256` by default.
    algorithm: Option<SignatureAlgorithm>,
    /// How it is sent to.
    options: Option<DeliveryOptionsInput>,
}

/// What `createWebhookEndpoint` answers.
#[derive(SimpleObject, Default)]
struct CreateWebhookEndpointPayload {
    /// The endpoint; null when there are user errors.
    webhook_endpoint: Option<WebhookEndpoint>,
    /// What its owner checks signatures with: `whsec_…`, or the public key `whpk_…`. It is shown only now.
    secret: Option<String>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateWebhookEndpoint {
    /// Registers an address to which events are sent from now on.
    async fn create_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: CreateWebhookEndpointInput,
    ) -> Result<CreateWebhookEndpointPayload> {
        let permit = ctx.permit::<ManageWebhooks>()?;
        let mut endpoint = EndpointInput {
            name: input.name,
            url: Some(input.url),
            description: input.description,
            active: input.active,
            event_types: input.event_types,
            channels: input.channels,
            algorithm: input.algorithm.map(Into::into),
            ..EndpointInput::default()
        };
        input.options.unwrap_or_default().put_into(&mut endpoint);
        let created = ctx.services()?.outbound.create_endpoint(&permit, endpoint);
        let (made, user_errors) = outcome(created.await, unknown_endpoint)?;
        let (row, secret) = made.map(|made| (made.endpoint, made.secret)).unzip();
        Ok(CreateWebhookEndpointPayload {
            webhook_endpoint: row.map(WebhookEndpoint),
            secret,
            user_errors,
        })
    }
}
