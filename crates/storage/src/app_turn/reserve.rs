use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::{
    Call, StorageError, Timestamp,
    ids::{ConnectedAppId, WorkspaceId},
};

/// Turns that were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// Where the first of them stands; each further one is an interval later.
    pub first: Timestamp,
    /// When that was.
    pub now: Timestamp,
    /// Until when the provider wants no requests at all.
    pub held_until: Option<Timestamp>,
}

const RESERVE: &str = "INSERT INTO app_turns (app_id, workspace_id, next_at) \
     SELECT id, workspace_id, $3 + $4 FROM connected_apps WHERE id = $1 AND workspace_id = $2 \
     ON CONFLICT (app_id) DO UPDATE SET next_at = $4 + \
     CASE WHEN app_turns.next_at > $3 THEN app_turns.next_at ELSE $3 END \
     RETURNING next_at, held_until";

/// Takes `count` turns, `interval` apart. None when the app is gone.
pub async fn reserve(
    call: &Call,
    workspace: WorkspaceId,
    app: ConnectedAppId,
    (count, interval): (u32, Duration),
) -> Result<Option<Reserved>, StorageError> {
    let all = interval.saturating_mul(count);
    let length = i64::try_from(all.as_micros()).unwrap_or(i64::MAX);
    let values = vec![
        app.into(),
        workspace.into(),
        call.now().into(),
        length.into(),
    ];
    let db = call.db();
    let row = db
        .query_one_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            RESERVE,
            values,
        ))
        .await?;
    let reserved = row.map(|row| {
        let next_at: Timestamp = row.try_get_by(0)?;
        Ok::<_, DbErr>(Reserved {
            first: next_at.before(all),
            now: call.now(),
            held_until: row.try_get_by(1)?,
        })
    });
    Ok(reserved.transpose()?)
}
