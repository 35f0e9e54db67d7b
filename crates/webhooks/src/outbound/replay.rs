use jackfield_connected_apps::STATUS_EVENTS;
use jackfield_storage::{
    Json, Problem, ProblemCode, StorageError, Timestamp,
    access::{ManageWebhooks, Permit},
    event::{self, EventFilter},
    ids::{ReplayId, WebhookEndpointId},
    replay::{self, Replay, ReplayScope, ReplayStatus},
    webhook_endpoint,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::{OPERATIONAL, Outbound, OutboundError, SOURCE_OPERATIONAL, SOURCE_TEST};

/// Which events of the past an endpoint is to get.
#[derive(Clone, Debug)]
pub struct NewReplay {
    /// Where they go.
    pub endpoint_id: WebhookEndpointId,
    /// Only these types; those that the endpoint asks for when there are none.
    pub types: Vec<String>,
    /// Only what happened at or after this instant.
    pub since: Option<Timestamp>,
    /// Only what happened before this instant.
    pub until: Option<Timestamp>,
    /// Whether those are sent too that have arrived.
    pub scope: ReplayScope,
}

impl Outbound {
    /// Begins to send events of the past to an endpoint, those first that were stored first.
    pub async fn replay(
        &self,
        permit: &Permit<ManageWebhooks>,
        new: NewReplay,
    ) -> Result<Replay, OutboundError> {
        let store = &self.0.store;
        let read = permit.read();
        let found = webhook_endpoint::find(store.reader(), &read, new.endpoint_id).await?;
        let endpoint = found.ok_or(OutboundError::NotFound)?;
        if !endpoint.active {
            return Err(conflict(
                "webhookEndpointId",
                "The endpoint is not active: it would get nothing.",
            ));
        }
        let types = match new.types.is_empty() {
            true => endpoint.types(),
            false => new.types,
        };
        let last = store.head().await?;
        let filter = EventFilter {
            not_from: not_replayed(&types),
            types,
            since: new.since,
            until: new.until,
        };
        let total = event::count(store.reader(), &read, &filter).await?;
        let row = Replay {
            id: store.clock().id(),
            workspace_id: permit.workspace(),
            endpoint_id: endpoint.id,
            status: ReplayStatus::Running,
            scope: new.scope,
            event_types: Json::from(serde_json::Value::from(filter.types)),
            since: new.since,
            until: new.until,
            position: 0,
            last,
            total: i64::try_from(total).unwrap_or(i64::MAX),
            looked_at: 0,
            sent: 0,
            created_at: store.clock().now(),
            finished_at: None,
        };
        let stored = row.clone();
        let stored = store.writer().call(permit, move |call| {
            Box::pin(async move {
                replay::Entity::insert(stored.clone().into_active_model())
                    .exec_without_returning(call.db())
                    .await?;
                call.created(&stored);
                Ok::<_, StorageError>(())
            })
        });
        stored.await?;
        self.0.replays.notify_one();
        Ok(row)
    }

    /// Has a replay wait, go on, or end. What it has sent on its way arrives all the same.
    pub async fn set_replay(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: ReplayId,
        status: ReplayStatus,
    ) -> Result<Replay, OutboundError> {
        let read = permit.read();
        let set = self.0.store.writer().call(permit, move |call| {
            Box::pin(async move {
                let found = replay::find(call.db(), &read, id).await?;
                let before = found.ok_or(OutboundError::NotFound)?;
                let mut row = before.clone();
                if !matches!(row.status, ReplayStatus::Running | ReplayStatus::Paused) {
                    return Err(conflict("replayId", "The replay is over."));
                }
                row.status = status;
                row.finished_at = (status == ReplayStatus::Cancelled).then(|| call.now());
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await.map_err(StorageError::from)?;
                call.updated(&before, &row);
                Ok(row)
            })
        });
        let row = set.await?;
        self.0.replays.notify_one();
        Ok(row)
    }
}

/// The sources whose events no replay sends: those that somebody has only tried, and what the sender says of itself unless one
/// of the types asks for it by name.
pub(super) fn not_replayed(types: &[String]) -> Vec<&'static str> {
    let named = |name: &String| {
        OPERATIONAL.contains(&name.as_str()) || STATUS_EVENTS.contains(&name.as_str())
    };
    match types.iter().any(named) {
        true => vec![SOURCE_TEST],
        false => vec![SOURCE_TEST, SOURCE_OPERATIONAL],
    }
}

fn conflict(field: &str, message: &str) -> OutboundError {
    OutboundError::Rejected(vec![Problem::new([field], ProblemCode::Conflict, message)])
}
