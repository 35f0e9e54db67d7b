use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};

use crate::{
    Call, StorageError,
    ids::{ConnectedAppId, WorkspaceId},
};

const HOLD: &str = "UPDATE app_turns SET \
     held_until = CASE WHEN held_until > $3 THEN held_until ELSE $3 END, \
     next_at = CASE WHEN next_at > $4 THEN next_at ELSE $4 END \
     WHERE app_id = $1 AND workspace_id = $2";

/// Gives no turns of the app before so much time has passed. `ahead` is how long before its time a turn may be given.
pub async fn hold(
    call: &Call,
    workspace: WorkspaceId,
    app: ConnectedAppId,
    (pause, ahead): (Duration, Duration),
) -> Result<(), StorageError> {
    let until = call.now().after(pause);
    let values = vec![
        app.into(),
        workspace.into(),
        until.into(),
        until.after(ahead).into(),
    ];
    let db = call.db();
    db.execute_raw(Statement::from_sql_and_values(
        db.get_database_backend(),
        HOLD,
        values,
    ))
    .await?;
    Ok(())
}
