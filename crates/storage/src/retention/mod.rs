//! How long history is kept, and that it really goes: rows, and the room that they took on disk.
//!
//! A sweep deletes a small batch through the writer, between two commits of others, so that nobody waits for it. Whoever
//! sweeps repeats it until nothing is left.

mod access;
mod deliveries;
mod events;
mod runs;

use std::time::Duration;

use sea_orm::EntityTrait;

use crate::{
    StorageError, Store,
    ids::WorkspaceId,
    workspace::{self, Workspace},
};

/// How many rows one sweep deletes of each kind at most; of a run its steps go with it.
const BATCH: u64 = 500;

/// What is kept. What is absent is kept for ever. A workspace may say otherwise of its events and deliveries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Retention {
    /// How long a run is kept after its end.
    pub runs: Option<Duration>,
    /// How many runs of each workflow are kept at most; those that are not over do count, and stay.
    pub runs_per_workflow: Option<u64>,
    /// How long an event is kept after it was stored, and its deliveries. What is still to be sent stays.
    pub events: Option<Duration>,
    /// How long an entry of the audit log is kept.
    pub audit_log: Option<Duration>,
    /// How long it is kept what the credentials of connected apps were used for.
    pub credential_uses: Option<Duration>,
}

/// What a sweep has deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs, with everything that belongs to them.
    pub runs: u64,
    /// Events.
    pub events: u64,
    /// Deliveries, with their attempts.
    pub deliveries: u64,
    /// Entries of the audit log.
    pub audit_entries: u64,
    /// Uses of credentials.
    pub credential_uses: u64,
    /// Sessions of users that were over for long.
    pub sessions: u64,
}

/// How long a workspace keeps what it decides about by itself.
struct Ages {
    workspace: WorkspaceId,
    events: Option<Duration>,
    deliveries: Option<Duration>,
}

impl Ages {
    fn of(workspace: &Workspace, retention: &Retention) -> Self {
        let days = |days: i32| Duration::from_secs(u64::from(days.unsigned_abs()) * 24 * 3600);
        let events = workspace.keep_events_days.map(days).or(retention.events);
        Self {
            workspace: workspace.id,
            events,
            deliveries: workspace.keep_deliveries_days.map(days).or(events),
        }
    }
}

impl Store {
    /// Deletes some of what is kept no longer. As long as it has deleted something there may be more.
    pub async fn sweep(&self, retention: Retention) -> Result<Swept, StorageError> {
        self.writer()
            .call_unscoped(move |call| {
                Box::pin(async move {
                    let mut swept = Swept {
                        runs: runs::sweep(call, &retention).await?,
                        audit_entries: access::sweep_audit_log(call, &retention).await?,
                        credential_uses: access::sweep_credential_uses(call, &retention).await?,
                        sessions: access::sweep_sessions(call).await?,
                        ..Swept::default()
                    };
                    access::sweep_attempts(call).await?;
                    for workspace in workspace::Entity::find().all(call.db()).await? {
                        let ages = Ages::of(&workspace, &retention);
                        swept.deliveries += deliveries::sweep(call, &ages).await?;
                        swept.events += events::sweep(call, &ages).await?;
                    }
                    Ok(swept)
                })
            })
            .await
    }

    /// Gives the room of deleted rows back to the file system, some of it at a time. Nothing to do on PostgreSQL, whose
    /// autovacuum does it.
    pub async fn shrink(&self) -> Result<(), StorageError> {
        self.writer().shrink().await
    }
}
