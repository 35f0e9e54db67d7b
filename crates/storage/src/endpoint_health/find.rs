use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Column, Entity, millis_of};
use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    ids::WebhookEndpointId,
};

/// How well an endpoint did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// How many attempts there were.
    pub attempts: i64,
    /// How many of them the endpoint has taken.
    pub succeeded: i64,
    /// How many took how long, by ascending milliseconds.
    durations: Vec<(f64, i64)>,
}

impl Health {
    /// The duration in milliseconds within which this part of the attempts has ended, from 0 to 1; none without attempts.
    pub fn percentile(&self, part: f64) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "counts of attempts are far below 2^52"
        )]
        let wanted = (self.attempts as f64 * part).ceil() as i64;
        let mut seen = 0;
        let mut steps = self.durations.iter();
        let found = steps.find(|(_, count)| {
            seen += count;
            seen >= wanted
        });
        found.map(|(millis, _)| *millis)
    }
}

/// How well these endpoints of the workspace did since an instant. Those without attempts are not in the answer.
pub async fn since<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    endpoints: &[WebhookEndpointId],
    since: Timestamp,
) -> Result<HashMap<WebhookEndpointId, Health>, StorageError> {
    let rows: Vec<(WebhookEndpointId, bool, i32, i64)> = Entity::find()
        .select_only()
        .columns([Column::EndpointId, Column::Succeeded, Column::Duration])
        .column(Column::Count)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::EndpointId.is_in(endpoints.iter().copied()))
        .filter(Column::At.gte(since))
        .into_tuple()
        .all(db)
        .await?;
    let mut steps: HashMap<WebhookEndpointId, (Health, std::collections::BTreeMap<i32, i64>)> =
        HashMap::new();
    for (endpoint, succeeded, step, count) in rows {
        let (health, steps) = steps.entry(endpoint).or_default();
        health.attempts += count;
        health.succeeded += if succeeded { count } else { 0 };
        *steps.entry(step).or_default() += count;
    }
    let found = steps.into_iter().map(|(endpoint, (mut health, steps))| {
        health.durations = steps
            .into_iter()
            .map(|(step, count)| (millis_of(step), count))
            .collect();
        (endpoint, health)
    });
    Ok(found.collect())
}
