//! Operational events: what the sender itself has to say, as events like any other.
//!
//! Each is stored before that which it tells of, under a key that is the same when a crash has it told again. So a crash loses
//! none; one that the database refuses is in the log of the server.

use futures_util::future::join_all;
use jackfield_storage::{
    Append, Channels, Json, NewEvent, Timestamp,
    access::{Permit, PublishEvents},
    ids::WorkspaceId,
    webhook_endpoint::WebhookEndpoint,
};
use serde_json::{Value, json};

use super::{Record, Shared};
use crate::outbound::{DISABLED, EXHAUSTED, PART, SOURCE_OPERATIONAL};

/// Tells of each delivery among these that is given up.
pub(super) async fn exhausted(shared: &Shared, batch: &[Record]) {
    let given_up = batch.iter().filter(|record| record.exhausted);
    let told = given_up.map(|record| async move {
        let done = &record.done;
        let delivery = &done.delivery;
        let data = json!({
            "deliveryId": delivery.id,
            "eventId": delivery.event_id,
            "webhookEndpointId": delivery.endpoint_id,
            "attempts": delivery.attempts,
            "error": done.attempt.as_ref().and_then(|attempt| attempt.error.as_deref()),
        });
        let key = format!("{EXHAUSTED}:{}:{}", delivery.id, delivery.attempts);
        tell(shared, delivery.workspace_id, EXHAUSTED, key, data).await;
    });
    join_all(told).await;
}

/// An endpoint is about to be made inactive, because of what was seen at `since`.
pub(super) async fn disabled(
    shared: &Shared,
    endpoint: &WebhookEndpoint,
    since: Timestamp,
    reason: &str,
) {
    let data = json!({
        "webhookEndpointId": endpoint.id,
        "name": endpoint.name,
        "url": endpoint.url,
        "reason": reason,
    });
    let key = format!("{DISABLED}:{}:{}", endpoint.id, since.as_micros());
    tell(shared, endpoint.workspace_id, DISABLED, key, data).await;
}

async fn tell(shared: &Shared, workspace: WorkspaceId, what: &str, key: String, data: Value) {
    let permit = Permit::<PublishEvents>::system(workspace, PART);
    let clock = shared.store.clock();
    let event = NewEvent {
        id: clock.id(),
        event_type: what.to_owned(),
        source: SOURCE_OPERATIONAL.to_owned(),
        data: Json::from(data),
        hook_id: None,
        dedupe_key: Some(key),
        occurred_at: clock.now(),
        content_type: None,
        dedupe_hash: None,
        channels: Channels::default(),
        app_id: None,
        request: None,
    };
    let runs = Vec::new();
    let told = shared
        .store
        .writer()
        .append(&permit, Append { event, runs });
    if let Err(error) = told.await {
        tracing::error!(%error, what, "an operational event could not be stored");
    }
}
