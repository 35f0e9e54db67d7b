use jackfield_storage::{
    access::{ManageWebhooks, Permit},
    ids::WebhookEndpointId,
    webhook_endpoint::WebhookEndpoint,
};

use crate::outbound::{Outbound, OutboundError};

impl Outbound {
    /// Deletes an endpoint and its keys. Its history stays; what was still to be sent is cancelled when it becomes due.
    pub async fn delete_endpoint(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
    ) -> Result<WebhookEndpoint, OutboundError> {
        let now = self.0.store.clock().now();
        self.change(permit, id, move |row| {
            row.active = false;
            row.sealed = Vec::new();
            row.deleted_at = Some(now);
        })
        .await
    }
}
