//! Writes that a workflow's limit has a say in: who begins is decided in their own transaction.
//!
//! They do not go with the batches. Whether there is room for a run depends on the run written just before it, so they
//! are done one after the other, as [calls](super::Call).

use std::sync::Arc;

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use super::{
    Advance, AdvanceError, Append, Appended, Call, Failure, Start, Started,
    batch::{Earlier, Sameness, Tables},
    courier::NewDelivery,
    deliveries, duplicates,
    rows::Writing,
    session,
    unit::{NewRun, Placed},
};
use crate::{
    Change, StorageError, Timestamp,
    delivery::Delivery,
    event,
    ids::{EventId, WorkspaceId},
    payload,
    run::{self, Run},
};

/// An event with the runs that it starts, the group of each in its workflow's limit, and where it goes.
pub(super) struct LimitedAppend {
    pub append: Append,
    pub groups: Vec<Option<String>>,
    pub deliveries: Vec<NewDelivery>,
}

/// Whether a limit has a say in starting one of these runs.
pub(super) fn concerns(runs: &[NewRun]) -> bool {
    runs.iter().any(|run| run.concurrency.is_some())
}

/// Whether a limit has a say in what is written of a run.
pub(super) fn concerns_advance(advance: &Advance) -> bool {
    let gone = advance.run.slot.is_some() && advance.run.status.is_finished();
    gone || concerns(&advance.besides.runs)
}

/// An event with the runs that it starts.
pub(super) async fn append(
    call: &Call,
    workspace: WorkspaceId,
    append: LimitedAppend,
) -> Result<Appended, StorageError> {
    let LimitedAppend {
        append: Append { event, runs },
        groups,
        deliveries,
    } = append;
    let mut event = event.into_row(workspace);
    if let Some(key) = &event.dedupe_key {
        let same = Sameness::Event(workspace, key.clone());
        let earlier = duplicates::find(call.db(), std::slice::from_ref(&same)).await?;
        if let Some(Earlier::Event(event_id, position, dedupe_hash)) = earlier.get(&same) {
            return Ok(Appended {
                event_id: *event_id,
                position: *position,
                event: None,
                dedupe_hash: dedupe_hash.clone(),
                runs: Vec::new(),
                duplicate: true,
            });
        }
    }
    event.position = call.next_position();
    event.created_at = call.now();
    let row = payload::packed(call.db(), event.clone()).await?;
    event::Entity::insert(row.into_active_model())
        .exec_without_returning(call.db())
        .await?;
    let (event_id, position) = (event.id, event.position);
    let event = Arc::new(event);
    call.publish(Change::Event(event.clone()));
    deliver(call, workspace, event_id, deliveries).await?;
    let mut stored = Vec::with_capacity(runs.len());
    for (run, group) in runs.into_iter().zip(groups) {
        let placed = Placed {
            workspace,
            event_id: Some(event_id),
            idempotency_key: None,
        };
        stored.push(begin(call, run, group, placed).await?);
    }
    Ok(Appended {
        event_id,
        position,
        event: Some(event),
        dedupe_hash: None,
        runs: stored,
        duplicate: false,
    })
}

/// Events with the runs that they start, all or nothing.
pub(super) async fn append_all(
    call: &Call,
    workspace: WorkspaceId,
    appends: Vec<LimitedAppend>,
) -> Result<Vec<Result<Appended, StorageError>>, StorageError> {
    let mut appended = Vec::with_capacity(appends.len());
    for one in appends {
        appended.push(Ok(append(call, workspace, one).await?));
    }
    Ok(appended)
}

/// Writes new deliveries of an event, which any node may claim.
pub(crate) async fn deliver(
    call: &Call,
    workspace: WorkspaceId,
    event: EventId,
    deliveries: Vec<NewDelivery>,
) -> Result<(), StorageError> {
    let mut rows: Vec<Delivery> = deliveries
        .into_iter()
        .map(|new| new.into_row(workspace, event))
        .collect();
    for row in &mut rows {
        row.position = call.next_position();
        row.created_at = call.now();
    }
    let all: Vec<_> = rows.iter().collect();
    let db = call.db();
    let backend = db.get_database_backend();
    for statement in deliveries::insert(backend, &all, &Writing::default(), call.now())? {
        db.execute_raw(statement).await?;
    }
    for row in rows {
        call.publish(Change::Delivery(row.position, Arc::new(row)));
    }
    Ok(())
}

/// A run that no event asked for.
pub(super) async fn start(
    call: &Call,
    workspace: WorkspaceId,
    start: Start,
    group: Option<String>,
) -> Result<Started, StorageError> {
    if let Some(key) = &start.idempotency_key {
        let same = Sameness::Run(workspace, key.clone());
        let earlier = duplicates::find(call.db(), std::slice::from_ref(&same)).await?;
        if let Some(Earlier::Run(run_id)) = earlier.get(&same) {
            return Ok(Started {
                run_id: *run_id,
                run: None,
                duplicate: true,
            });
        }
    }
    let placed = Placed {
        workspace,
        event_id: None,
        idempotency_key: start.idempotency_key,
    };
    let run = begin(call, start.run, group, placed).await?;
    Ok(Started {
        run_id: run.id,
        run: Some(run),
        duplicate: false,
    })
}

/// How far a run has come, when that frees a slot or asks for some.
pub(super) async fn advance(
    call: &Call,
    mut advance: Advance,
    groups: Vec<Option<String>>,
) -> Result<Run, AdvanceError> {
    let workspace = advance.run.workspace_id;
    let started = std::mem::take(&mut advance.besides.runs);
    let mut next = || call.next_position();
    for step in &mut advance.steps {
        step.revision = next();
    }
    advance.besides.plan(workspace, call.now(), &mut next);
    advance.run.revision = next();
    let tables = Tables {
        advanced: vec![&advance.run],
        steps: advance.steps.iter().collect(),
        blobs: advance.blobs.iter().collect(),
        uses: advance.uses.iter().collect(),
        besides: vec![&advance.besides],
        ..Tables::default()
    };
    match session::write_rows(call.db(), &tables, 0, call.now()).await {
        Ok(()) => {}
        Err(Failure::Lost(_) | Failure::LostDeliveries(_)) => return Err(AdvanceError::FenceLost),
        Err(Failure::Refused(error) | Failure::Database(error)) => {
            return Err(StorageError::from(error).into());
        }
    }
    advance.take_signal();
    for change in advance.besides.changes(0) {
        call.publish(change);
    }
    for step in advance.steps {
        call.publish(Change::Step(Arc::new(step)));
    }
    let mut run = advance.run;
    call.publish(Change::Run(Arc::new(run.clone())));
    for (child, group) in started.into_iter().zip(groups) {
        let placed = Placed::in_workspace(workspace);
        begin(call, child, group, placed).await?;
    }
    if run.slot.is_some() && run.status.is_finished() {
        run::leave(call, &run).await?;
        run.slot = None;
    }
    Ok(run)
}

async fn begin(
    call: &Call,
    run: NewRun,
    group: Option<String>,
    placed: Placed,
) -> Result<Run, StorageError> {
    let concurrency = run.concurrency.clone();
    let mut row = run.into_row(placed);
    if let Some(concurrency) = concurrency {
        return run::enter(call, row, &concurrency, group.unwrap_or_default()).await;
    }
    row.created_at = call.now();
    let due: Option<Timestamp> = row.due_at;
    row.due_at = due.or(Some(call.now()));
    row.revision = call.next_position();
    let packed = payload::packed(call.db(), row.clone()).await?;
    run::Entity::insert(packed.into_active_model())
        .exec_without_returning(call.db())
        .await?;
    call.publish(Change::Run(Arc::new(row.clone())));
    Ok(row)
}
