use std::sync::Arc;

use jackfield_storage::{
    Change, StorageError,
    access::{ManageWebhooks, Permit},
    ids::WebhookEndpointId,
    webhook_endpoint::{self, WebhookEndpoint},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{EndpointInput, check};
use crate::outbound::{Outbound, OutboundError};

impl Outbound {
    /// Checks and stores what is given of an endpoint.
    pub async fn update_endpoint(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
        input: EndpointInput,
    ) -> Result<WebhookEndpoint, OutboundError> {
        let looked_up = check::look_up(&self.0, input).await;
        let shared = self.0.clone();
        let changed = self.change(permit, id, "updated", move |row| {
            check::apply(&shared, looked_up, row)
        });
        let (row, ()) = changed.await?;
        Ok(row)
    }

    /// Reads the row, changes it and writes it back in one transaction, so that nothing is lost of what others write, the
    /// courier among them. Also returns what `change` has.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
        action: &'static str,
        change: impl FnOnce(&mut WebhookEndpoint) -> Result<T, OutboundError> + Send + 'static,
    ) -> Result<(WebhookEndpoint, T), OutboundError> {
        let read = permit.read();
        self.0
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = webhook_endpoint::find(call.db(), &read, id).await?;
                    let before = found.ok_or(OutboundError::NotFound)?;
                    let mut row = before.clone();
                    let made = change(&mut row)?;
                    row.updated_at = call.now();
                    row.revision = call.next_position();
                    let update = row.clone().into_active_model().reset_all();
                    update.update(call.db()).await.map_err(StorageError::from)?;
                    call.publish(Change::WebhookEndpoint(Arc::new(row.clone())));
                    call.did(action, &before, &row);
                    Ok((row, made))
                })
            })
            .await
    }
}
