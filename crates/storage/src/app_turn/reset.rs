use std::sync::Arc;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::Entity;
use crate::{
    Call, Change, StorageError,
    ids::{ConnectedAppId, RunId},
    run, step,
};

/// Begins anew, as after a change of the limit: the turns that were given are void, and the runs that wait for theirs ask
/// again.
pub async fn reset(call: &Call, app: ConnectedAppId) -> Result<(), StorageError> {
    Entity::delete_by_id(app).exec(call.db()).await?;
    let waiting: Vec<RunId> = step::Entity::find()
        .select_only()
        .column(step::Column::RunId)
        .distinct()
        .filter(step::Column::TurnOf.eq(app))
        .into_tuple()
        .all(call.db())
        .await?;
    for run in waiting {
        if let Some(run) = run::signal(call.db(), run, call.next_position(), call.now()).await? {
            call.publish(Change::Run(Arc::new(run)));
        }
    }
    Ok(())
}
