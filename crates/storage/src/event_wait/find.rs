use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Column, Entity, EventWait};
use crate::{
    StorageError,
    access::{Permit, Read},
    event::{self, Event},
    ids::{RunId, WorkspaceId},
    payload::Whole,
    reader::ReadRows,
};

/// How many events are read at once.
const PAGE: u64 = 100;

/// The waits of a run.
pub async fn of_run<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    run: RunId,
) -> Result<Vec<EventWait>, StorageError> {
    Ok(db
        .rows(
            Entity::find()
                .filter(Column::WorkspaceId.eq(permit.workspace()))
                .filter(Column::RunId.eq(run)),
        )
        .await?)
}

/// The workspaces in which steps wait for events, with the earliest position from which one of them still has to look.
pub async fn oldest<C: ConnectionTrait>(db: &C) -> Result<Vec<(WorkspaceId, i64)>, StorageError> {
    Ok(Entity::find()
        .select_only()
        .column(Column::WorkspaceId)
        .column_as(Column::Since.min(), "oldest")
        .group_by(Column::WorkspaceId)
        .into_tuple()
        .all(db)
        .await?)
}

/// The first event from position `from` to position `until` that is of the wait's type and for which `matches` holds.
pub async fn next_match<C: ReadRows>(
    db: &C,
    wait: &EventWait,
    (mut from, until): (i64, i64),
    mut matches: impl FnMut(&Event) -> bool,
) -> Result<Option<Event>, StorageError> {
    loop {
        let page: Vec<Event> = event::Entity::find()
            .filter(event::Column::WorkspaceId.eq(wait.workspace_id))
            .filter(event::Column::Position.between(from, until))
            .filter(event::Column::EventType.eq(&wait.event_type))
            .order_by_asc(event::Column::Position)
            .limit(PAGE)
            .whole(db)
            .await?;
        let read = page.len() as u64;
        from = page.last().map_or(from, |last| last.position + 1);
        if let Some(found) = page.into_iter().find(|event| matches(event)) {
            return Ok(Some(found));
        }
        if read < PAGE {
            return Ok(None);
        }
    }
}
