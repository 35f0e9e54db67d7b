use std::sync::Arc;

use jackfield_storage::{
    Change, Channels, Json, StorageError, Timestamp,
    access::{ManageWebhooks, Permit},
    webhook_endpoint::{self, Algorithm, HeaderStyle, Ordering, WebhookEndpoint},
};
use sea_orm::{EntityTrait, IntoActiveModel};

use super::{EndpointInput, Made, check};
use crate::outbound::{Outbound, OutboundError, keys::Keys};

const TIMEOUT_MS: i64 = 30_000;

impl Outbound {
    /// Creates an endpoint with a new key.
    pub async fn create_endpoint(
        &self,
        permit: &Permit<ManageWebhooks>,
        input: EndpointInput,
    ) -> Result<Made, OutboundError> {
        let shared = &self.0;
        let clock = shared.store.clock();
        let algorithm = input.algorithm.unwrap_or(Algorithm::HmacSha256);
        let keys = Keys::generate(algorithm, clock);
        let id = clock.id();
        let mut row = WebhookEndpoint {
            id,
            workspace_id: permit.workspace(),
            name: String::new(),
            url: String::new(),
            description: String::new(),
            active: true,
            event_types: Json::from(serde_json::json!([])),
            channels: Channels::default(),
            header_names: Json::from(serde_json::json!([])),
            sealed_headers: None,
            authentication: None,
            sealed_authentication: None,
            algorithm,
            header_style: HeaderStyle::Webhook,
            rate_limit: None,
            timeout_ms: TIMEOUT_MS,
            ordering: Ordering::Parallel,
            ordering_path: None,
            filter: None,
            transformation: None,
            sealed: keys.seal(&shared.sealer, permit.workspace(), id)?,
            disabled_reason: None,
            failing_since: None,
            next_slot: Timestamp::EPOCH,
            created_at: clock.now(),
            updated_at: clock.now(),
            deleted_at: None,
            revision: 0,
        };
        let looked_up = check::look_up(shared, input).await;
        check::apply(shared, looked_up, &mut row)?;
        if row.name.is_empty() {
            let url: Option<url::Url> = row.url.parse().ok();
            row.name = url
                .and_then(|url| url.host_str().map(str::to_owned))
                .unwrap_or_default();
        }
        let endpoint = shared
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    row.revision = call.next_position();
                    webhook_endpoint::Entity::insert(row.clone().into_active_model())
                        .exec_without_returning(call.db())
                        .await
                        .map_err(StorageError::from)?;
                    call.publish(Change::WebhookEndpoint(Arc::new(row.clone())));
                    call.created(&row);
                    Ok::<_, OutboundError>(row)
                })
            })
            .await?;
        Ok(Made {
            endpoint,
            secret: keys.shown().unwrap_or_default(),
        })
    }
}
