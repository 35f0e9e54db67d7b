use jackfield_storage::{
    Json, NewDelivery, NewEvent, Problem, ProblemCode,
    access::{ManageWebhooks, Permit},
    delivery::{self, Delivery},
    event::Event,
    event_type,
    ids::WebhookEndpointId,
    webhook_endpoint,
};
use serde_json::json;

use super::{Outbound, OutboundError, SOURCE_TEST};

/// The type of a test event for which none was named.
const TYPE: &str = "webhook.test";

/// What is in a test event for whose type there is no example.
const MESSAGE: &str = "This is a test event. Nothing has happened.";

/// A test event, and the delivery that takes it to the endpoint.
#[derive(Clone, Debug)]
pub struct SentTest {
    /// The event.
    pub event: Event,
    /// The delivery, which is still to be made.
    pub delivery: Delivery,
}

impl Outbound {
    /// Sends an event to one endpoint, for its owner to see what arrives. Nothing else gets it or is started by it.
    pub async fn send_test(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
        event_type: Option<String>,
    ) -> Result<SentTest, OutboundError> {
        let store = &self.0.store;
        let found = webhook_endpoint::find(store.reader(), &permit.read(), id).await?;
        let endpoint = found.ok_or(OutboundError::NotFound)?;
        let first = || {
            endpoint
                .types()
                .into_iter()
                .find(|name| !name.contains('*'))
        };
        let event_type = event_type.or_else(first).unwrap_or_else(|| TYPE.to_owned());
        if event_type.is_empty() || event_type.chars().count() > 200 {
            let message = "An event type has 1 to 200 characters.";
            let problem = Problem::new(["eventType"], ProblemCode::Invalid, message);
            return Err(OutboundError::Rejected(vec![problem]));
        }
        let known = [event_type.as_str()];
        let known = event_type::named(store.reader(), &permit.read(), &known).await?;
        let example = known.into_iter().next().and_then(|known| known.example);
        let event = NewEvent {
            id: store.clock().id(),
            event_type,
            source: SOURCE_TEST.to_owned(),
            data: example.unwrap_or_else(|| Json::from(json!({"message": MESSAGE}))),
            hook_id: None,
            dedupe_key: None,
            occurred_at: store.clock().now(),
            content_type: None,
            dedupe_hash: None,
            app_id: None,
            request: None,
            // Its own, for the delivery to be one that it gets.
            channels: endpoint.channels.clone(),
        };
        let delivery_id = store.clock().id();
        let delivery = NewDelivery {
            id: delivery_id,
            endpoint_id: id,
            queue: None,
            lease: None,
            due_at: None,
            manual: true,
        };
        let appended = store
            .writer()
            .append_to(permit, event, vec![delivery])
            .await?;
        let delivery = delivery::find(store.reader(), &permit.read(), delivery_id).await?;
        let event = appended.event.ok_or(OutboundError::NotFound)?;
        Ok(SentTest {
            event: Event::clone(&event),
            delivery: delivery.ok_or(OutboundError::NotFound)?,
        })
    }
}
