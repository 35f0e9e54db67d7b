//! Finding what was stored before.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::batch::{Earlier, Sameness};
use crate::{
    event,
    ids::{EventId, RunId, WorkspaceId},
    run,
};

/// The earlier events and runs for those of `wanted` that there are. What is found stays true: an
/// event and a run keep their keys.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    wanted: &[Sameness],
) -> Result<HashMap<Sameness, Earlier>, DbErr> {
    let mut events: HashMap<WorkspaceId, Vec<&str>> = HashMap::new();
    let mut runs: HashMap<WorkspaceId, Vec<&str>> = HashMap::new();
    for sameness in wanted {
        match sameness {
            Sameness::Event(workspace, key) => events.entry(*workspace).or_default().push(key),
            Sameness::Run(workspace, key) => runs.entry(*workspace).or_default().push(key),
        }
    }
    let mut found = HashMap::new();
    for (workspace, keys) in events {
        find_events(db, workspace, keys, &mut found).await?;
    }
    for (workspace, keys) in runs {
        find_runs(db, workspace, keys, &mut found).await?;
    }
    Ok(found)
}

async fn find_events<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    keys: Vec<&str>,
    found: &mut HashMap<Sameness, Earlier>,
) -> Result<(), DbErr> {
    let rows: Vec<(String, EventId, i64, Option<Vec<u8>>)> = event::Entity::find()
        .select_only()
        .columns([
            event::Column::DedupeKey,
            event::Column::Id,
            event::Column::Position,
            event::Column::DedupeHash,
        ])
        .filter(event::Column::WorkspaceId.eq(workspace))
        .filter(event::Column::DedupeKey.is_in(keys))
        .into_tuple()
        .all(db)
        .await?;
    found.extend(rows.into_iter().map(|(key, id, position, hash)| {
        (
            Sameness::Event(workspace, key),
            Earlier::Event(id, position, hash),
        )
    }));
    Ok(())
}

async fn find_runs<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    keys: Vec<&str>,
    found: &mut HashMap<Sameness, Earlier>,
) -> Result<(), DbErr> {
    let rows: Vec<(String, RunId)> = run::Entity::find()
        .select_only()
        .columns([run::Column::IdempotencyKey, run::Column::Id])
        .filter(run::Column::WorkspaceId.eq(workspace))
        .filter(run::Column::IdempotencyKey.is_in(keys))
        .into_tuple()
        .all(db)
        .await?;
    found.extend(
        rows.into_iter()
            .map(|(key, id)| (Sameness::Run(workspace, key), Earlier::Run(id))),
    );
    Ok(())
}
