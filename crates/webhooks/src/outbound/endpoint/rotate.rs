use std::time::Duration;

use jackfield_storage::{
    access::{ManageWebhooks, Permit},
    ids::WebhookEndpointId,
    webhook_endpoint,
};

use super::Made;
use crate::outbound::{Outbound, OutboundError, keys::Keys};

/// How long an old key goes on signing beside the new one unless somebody says otherwise.
pub const KEY_OVERLAP: Duration = Duration::from_secs(24 * 3600);

impl Outbound {
    /// Gives an endpoint a new key. The old one signs too for as long as `overlap`.
    pub async fn rotate_secret(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: WebhookEndpointId,
        overlap: Duration,
    ) -> Result<Made, OutboundError> {
        let shared = &self.0;
        let found = webhook_endpoint::find(shared.store.reader(), &permit.read(), id).await?;
        let row = found.ok_or(OutboundError::NotFound)?;
        let workspace = permit.workspace();
        let opened = Keys::open(&shared.sealer, workspace, id, &row.sealed);
        let mut keys = opened.unwrap_or_else(|error| {
            tracing::warn!(%error, endpoint = %id, "the old key of an endpoint is lost; the new one is alone");
            Keys::none()
        });
        let until = shared.store.clock().now().after(overlap);
        keys.rotate(row.algorithm, shared.store.clock(), until);
        let sealed = keys.seal(&shared.sealer, workspace, id)?;
        let endpoint = self
            .change(permit, id, move |row| row.sealed = sealed)
            .await?;
        Ok(Made {
            endpoint,
            secret: keys.shown().unwrap_or_default(),
        })
    }
}
