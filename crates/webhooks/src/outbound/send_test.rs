use jackfield_storage::{
    Json, NewDelivery, NewEvent,
    access::{ManageWebhooks, Permit},
    event::{self, Event},
    ids::WebhookEndpointId,
    webhook_endpoint,
};
use serde_json::json;

use super::{Outbound, OutboundError, SOURCE_TEST};

/// The type of a test event for which none was named.
const TYPE: &str = "webhook.test";

impl Outbound {
    /// Sends an event to one endpoint, for its owner to see what arrives. Nothing else gets it or is started by it.
    pub async fn send_test(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
        event_type: Option<String>,
    ) -> Result<Event, OutboundError> {
        let store = &self.0.store;
        let found = webhook_endpoint::find(store.reader(), &permit.read(), id).await?;
        let endpoint = found.ok_or(OutboundError::NotFound)?;
        let first = || {
            endpoint
                .types()
                .into_iter()
                .find(|name| !name.contains('*'))
        };
        let data = json!({
            "test": true,
            "message": "This is a test event. Nothing has happened.",
            "webhookEndpointId": id,
        });
        let event = NewEvent {
            id: store.clock().id(),
            event_type: event_type.or_else(first).unwrap_or_else(|| TYPE.to_owned()),
            source: SOURCE_TEST.to_owned(),
            data: Json::from(data),
            hook_id: None,
            dedupe_key: None,
            occurred_at: store.clock().now(),
            content_type: None,
            dedupe_hash: None,
        };
        let delivery = NewDelivery {
            id: store.clock().id(),
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
        let found = event::find(store.reader(), &permit.read(), appended.event_id).await?;
        found.ok_or(OutboundError::NotFound)
    }
}
