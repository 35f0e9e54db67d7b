//! Outliving a database that is away for a moment, such as a PostgreSQL that is restarted.

use std::time::Duration;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use tokio::time::{Instant, sleep};

use super::batch::Batch;
use crate::{event, run};

/// How long callers are kept waiting for the database before they get an error.
const LONGEST: Duration = Duration::from_secs(20);

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// How long it was waited already.
#[derive(Default)]
pub(super) struct Patience(Option<Instant>);

impl Patience {
    /// Waits a little; false when it was waited long enough.
    pub async fn wait(&mut self, error: &DbErr) -> bool {
        let since = *self.0.get_or_insert_with(|| {
            tracing::warn!(%error, "the database is away; writes wait for it");
            Instant::now()
        });
        let more = since.elapsed() < LONGEST;
        if more {
            sleep(PAUSE).await;
        }
        more
    }
}

/// Whether new rows of this very batch are stored, all of them then, since they are written
/// together: the head that their positions count from. A batch that only moves runs on is written
/// again without harm, under the same fence.
pub(super) async fn written_before<C: ConnectionTrait>(
    db: &C,
    batch: &Batch,
) -> Result<Option<i64>, DbErr> {
    let tables = batch.tables();
    if let Some(first) = tables.events.first() {
        let found: Option<i64> = event::Entity::find()
            .select_only()
            .column(event::Column::Position)
            .filter(event::Column::Id.eq(first.id))
            .into_tuple()
            .one(db)
            .await?;
        return Ok(found.map(|position| position - first.position));
    }
    let Some(first) = tables.runs.first() else {
        return Ok(None);
    };
    let found: Option<i64> = run::Entity::find()
        .select_only()
        .column(run::Column::Revision)
        .filter(run::Column::Id.eq(first.id))
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.map(|revision| revision - first.revision))
}
