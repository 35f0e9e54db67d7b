use std::time::Duration;

use jackfield_storage::{
    access::{ManageWebhooks, Permit},
    ids::WebhookEndpointId,
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
        let (shared, workspace) = (self.0.clone(), permit.workspace());
        let changed = self.change(permit, id, "rotatedSecret", move |row| {
            let opened = Keys::open(&shared.sealer, workspace, id, &row.sealed);
            let mut keys = opened.unwrap_or_else(|error| {
                tracing::warn!(%error, endpoint = %id, "the old key of an endpoint is lost; the new one is alone");
                Keys::none()
            });
            let clock = shared.store.clock();
            keys.rotate(row.algorithm, clock, clock.now().after(overlap));
            row.sealed = keys.seal(&shared.sealer, workspace, id)?;
            Ok(keys.shown().unwrap_or_default())
        });
        let (endpoint, secret) = changed.await?;
        Ok(Made { endpoint, secret })
    }
}
