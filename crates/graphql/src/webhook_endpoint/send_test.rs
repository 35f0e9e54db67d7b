use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;

use super::{outcome, unknown_endpoint};
use crate::context::ContextExt;
use crate::delivery::Delivery;
use crate::errors::UserError;
use crate::event::Event;

/// The mutation `sendTestEvent`.
#[derive(Default)]
pub struct SendTestEvent;

/// What `sendTestEvent` takes.
#[derive(InputObject)]
struct SendTestEventInput {
    /// The endpoint that gets the event.
    webhook_endpoint_id: ID,
    /// The event's type; the first that the endpoint asks for by default.
    event_type: Option<String>,
}

/// What `sendTestEvent` answers.
#[derive(SimpleObject, Default)]
struct SendTestEventPayload {
    /// The event; null when there are user errors.
    event: Option<Event>,
    /// The delivery, whose attempts tell what came of it; null when there are user errors.
    delivery: Option<Delivery>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SendTestEvent {
    /// Sends an event with `"test": true` to one endpoint, also to one that is not active. Its data is the example of its type in
    /// the catalogue, if there is one. Nobody else gets it, and no workflow starts from it.
    async fn send_test_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] input: SendTestEventInput,
    ) -> Result<SendTestEventPayload> {
        let permit = ctx.permit::<ManageWebhooks>()?;
        let Ok(id) = input.webhook_endpoint_id.parse() else {
            return Ok(SendTestEventPayload {
                user_errors: vec![unknown_endpoint()],
                ..Default::default()
            });
        };
        let outbound = &ctx.services()?.outbound;
        let sent = outbound.send_test(&permit, id, input.event_type).await;
        let (sent, user_errors) = outcome(sent, unknown_endpoint)?;
        let (event, delivery) = sent.map(|sent| (sent.event, sent.delivery)).unzip();
        Ok(SendTestEventPayload {
            event: event.map(Event),
            delivery: delivery.map(Delivery),
            user_errors,
        })
    }
}
