use jackfield_storage::{
    StorageError,
    access::{ManageWebhooks, Permit},
    delivery,
    ids::WebhookEndpointId,
    replay,
    webhook_endpoint::WebhookEndpoint,
};

use crate::outbound::{Outbound, OutboundError};

/// How many deliveries are cancelled at once.
const STEP: u64 = 500;

impl Outbound {
    /// Deletes an endpoint with its keys and all else that is secret of it. Its history stays, and what was still to be sent is cancelled.
    pub async fn delete_endpoint(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
    ) -> Result<WebhookEndpoint, OutboundError> {
        let now = self.0.store.clock().now();
        let deleted = self.change(permit, id, "deleted", move |row| {
            row.active = false;
            row.sealed = Vec::new();
            row.sealed_headers = None;
            row.sealed_authentication = None;
            row.deleted_at = Some(now);
            Ok(())
        });
        let (deleted, ()) = deleted.await?;
        self.cancel_waiting(permit, id).await?;
        Ok(deleted)
    }

    /// In steps, for others to write between them. What is left by a crash is cancelled when it becomes due.
    async fn cancel_waiting(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
    ) -> Result<(), StorageError> {
        loop {
            let cancelled = self.0.store.writer().call(permit, move |call| {
                Box::pin(async move {
                    replay::cancel_all(call, id).await?;
                    delivery::cancel_waiting(call, id, STEP).await
                })
            });
            if cancelled.await? < STEP {
                return Ok(());
            }
        }
    }
}
