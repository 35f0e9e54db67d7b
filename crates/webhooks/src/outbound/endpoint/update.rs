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
        let store = &self.0.store;
        let found = webhook_endpoint::find(store.reader(), &permit.read(), id).await?;
        let mut checked = found.ok_or(OutboundError::NotFound)?;
        check::apply(&self.0, input, &mut checked)
            .await
            .map_err(OutboundError::Rejected)?;
        self.change(permit, id, move |row| {
            // What others may have written in between stays theirs.
            checked.sealed.clone_from(&row.sealed);
            checked.next_slot = row.next_slot;
            *row = checked;
        })
        .await
    }

    /// Reads the row, changes it and writes it back in one transaction.
    pub(super) async fn change(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
        change: impl FnOnce(&mut WebhookEndpoint) + Send + 'static,
    ) -> Result<WebhookEndpoint, OutboundError> {
        let read = permit.read();
        self.0
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = webhook_endpoint::find(call.db(), &read, id).await?;
                    let mut row = found.ok_or(OutboundError::NotFound)?;
                    change(&mut row);
                    row.updated_at = call.now();
                    row.revision = call.next_position();
                    let update = row.clone().into_active_model().reset_all();
                    update.update(call.db()).await.map_err(StorageError::from)?;
                    call.publish(Change::WebhookEndpoint(Arc::new(row.clone())));
                    Ok(row)
                })
            })
            .await
    }
}
