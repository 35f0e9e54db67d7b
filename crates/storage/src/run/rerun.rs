//! Runs that do over what an earlier run did.

use std::sync::Arc;

use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::{Column, Concurrency, Entity, Run, RunStatus, enter};
use crate::access::{Permit, StartRuns};
use crate::ids::{RunId, WorkflowId};
use crate::payload::{self, Whole};
use crate::reader::ReadRows;
use crate::step::{self, Step};
use crate::{Call, Change, StorageError, Timestamp};

/// Which finished runs are to be done over.
#[derive(Clone, Debug)]
pub struct Past {
    /// How they ended.
    pub status: RunStatus,
    /// Only runs of this workflow.
    pub workflow_id: Option<WorkflowId>,
    /// Only runs that were asked for then or later.
    pub since: Option<Timestamp>,
    /// Only runs that were asked for before then.
    pub until: Option<Timestamp>,
    /// Only runs after this one, which was looked at before.
    pub after: Option<RunId>,
}

/// The next runs that ended so and that nobody has done over yet, oldest first, at most `limit`. Test runs are nobody's
/// loss, so they are left out.
pub async fn past<C: ReadRows>(
    db: &C,
    permit: &Permit<StartRuns>,
    past: &Past,
    limit: u64,
) -> Result<Vec<Run>, StorageError> {
    let again = Entity::find()
        .select_only()
        .column(Column::RerunOf)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::RerunOf.is_not_null());
    let mut rows = Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::Status.eq(past.status))
        .filter(Column::IsTest.eq(false))
        .filter(Column::Id.not_in_subquery(again.into_query()));
    if let Some(workflow) = past.workflow_id {
        rows = rows.filter(Column::WorkflowId.eq(workflow));
    }
    if let Some(since) = past.since {
        rows = rows.filter(Column::CreatedAt.gte(since));
    }
    if let Some(until) = past.until {
        rows = rows.filter(Column::CreatedAt.lt(until));
    }
    if let Some(after) = past.after {
        rows = rows.filter(Column::Id.gt(after));
    }
    let rows = rows.order_by_asc(Column::Id).limit(limit);
    Ok(rows.whole(db).await?)
}

/// Writes a run together with steps that are over already, so that whoever claims it goes on from them. A limit comes
/// with the group that the run belongs to in it.
pub async fn insert(
    call: &Call,
    permit: &Permit<StartRuns>,
    mut run: Run,
    steps: Vec<Step>,
    limited: Option<(Concurrency, String)>,
) -> Result<Run, StorageError> {
    run.workspace_id = permit.workspace();
    if let Some((concurrency, group)) = limited {
        run = enter(call, run, &concurrency, group).await?;
    } else {
        run.revision = call.next_position();
        let row = payload::packed(call.db(), run.clone()).await?;
        Entity::insert(row.into_active_model())
            .exec_without_returning(call.db())
            .await?;
        call.publish(Change::Run(Arc::new(run.clone())));
    }
    for mut step in steps {
        step.workspace_id = permit.workspace();
        step.revision = call.next_position();
        let row = payload::packed(call.db(), step).await?;
        step::Entity::insert(row.into_active_model())
            .exec_without_returning(call.db())
            .await?;
    }
    Ok(run)
}
