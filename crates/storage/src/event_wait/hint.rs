use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait},
};

use super::{Column, Entity, EventWait};
use crate::{Change, StorageError, Store, event::Event, ids::WorkspaceId, reader::ReadRows, run};

/// Leaves a hint at every wait that one of these stored events could concern, and wakes the runs.
pub async fn hint(store: &Store, events: &[Arc<Event>]) -> Result<(), StorageError> {
    let mut types: BTreeMap<(WorkspaceId, &str), Vec<&Event>> = BTreeMap::new();
    for event in events {
        let key = (event.workspace_id, event.event_type.as_str());
        types.entry(key).or_default().push(event);
    }
    for ((workspace, event_type), events) in types {
        let of_type = Condition::all()
            .add(Column::WorkspaceId.eq(workspace))
            .add(Column::EventType.eq(event_type));
        // Mostly nothing waits, and then this is all that an event costs.
        let any = Entity::find().filter(of_type.clone()).limit(1);
        if store.reader().rows(any).await?.is_empty() {
            continue;
        }
        let paths: Vec<Option<String>> = Entity::find()
            .select_only()
            .column(Column::MatchPath)
            .filter(of_type.clone())
            .distinct()
            .into_tuple()
            .all(store.reader())
            .await?;
        for path in paths {
            let concerned = match path {
                None => of_type.clone().add(Column::MatchPath.is_null()),
                Some(path) => {
                    let values: BTreeSet<String> = events
                        .iter()
                        .filter_map(|event| member(event, &path))
                        .collect();
                    of_type
                        .clone()
                        .add(Column::MatchPath.eq(path))
                        .add(Column::MatchValue.is_in(values))
                }
            };
            let positions = events.iter().map(|event| event.position);
            let first = positions.clone().min().unwrap_or(0);
            let last = positions.max().unwrap_or(0);
            leave(store, concerned, (first, last)).await?;
        }
    }
    Ok(())
}

/// The JSON text of the member of an event's data at `path`.
pub(crate) fn member(event: &Event, path: &str) -> Option<String> {
    let data = event.data.value();
    let found = path
        .split('.')
        .try_fold(&data, |value, name| value.get(name));
    found.map(ToString::to_string)
}

async fn leave(
    store: &Store,
    concerned: Condition,
    (first, last): (i64, i64),
) -> Result<(), StorageError> {
    let waits: Vec<EventWait> = Entity::find()
        .filter(concerned)
        .filter(Column::Since.lt(last))
        .all(store.reader())
        .await?;
    if waits.is_empty() {
        return Ok(());
    }
    let work = store.writer().call_unscoped(move |call| {
        Box::pin(async move {
            let ids = waits.iter().map(|wait| wait.step_id);
            let looked = Expr::col(Column::Hint).gt(Expr::col(Column::Since));
            let hint = CaseStatement::new()
                .case(looked, Expr::col(Column::Hint))
                .case(Expr::col(Column::Since).lt(first), first)
                .finally(Expr::col(Column::Since).add(1));
            Entity::update_many()
                .col_expr(Column::Hint, hint.into())
                .filter(Column::StepId.is_in(ids))
                .exec(call.db())
                .await
                .map_err(StorageError::from)?;
            let runs: BTreeSet<_> = waits.iter().map(|wait| wait.run_id).collect();
            for run in runs {
                let woken = run::signal(call.db(), run, call.next_position(), call.now()).await;
                if let Some(run) = woken.map_err(StorageError::from)? {
                    call.publish(Change::Run(Arc::new(run)));
                }
            }
            Ok::<(), StorageError>(())
        })
    });
    work.await
}
