//! Runs that a run starts: those that a step waits for, and the one that is told of its failure.

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::{RunId, WorkflowId, WorkspaceId};
use jackfield_storage::run::{self, Run};
use jackfield_storage::trigger::{self, Trigger, TriggerKind};
use jackfield_storage::{Json, NewRun, Parent, StorageError, workflow_version};
use serde_json::{Value as Tree, json};

use super::Shared;
use super::drive::Driver;
use super::failure::{Failure, WORKFLOW_NOT_STARTED};
use crate::definition::Settings;
use crate::machine::Place;
use crate::triggers::concurrency_group;
use crate::workflow::manual_input;

/// A run that a step waits for, before it is started.
pub(super) struct Starting {
    pub place: Place,
    pub run: RunId,
    pub workflow: WorkflowId,
    pub input: Tree,
    pub parent: Parent,
}

impl Driver {
    /// Has the runs of `starting` started with the next commit. One that cannot be started fails its step.
    pub(super) async fn start_children(&mut self) -> Result<(), StorageError> {
        for starting in std::mem::take(&mut self.starting) {
            let trigger = manual(&self.shared, self.run.workspace_id, starting.workflow).await?;
            if let Some(trigger) = trigger {
                let input = manual_input(&starting.input);
                let mut child = NewRun {
                    parent: Some(starting.parent),
                    // A run that waits for another one is not done before that.
                    priority: trigger.priority.min(self.run.priority),
                    ..NewRun::of(&trigger, starting.run, input)
                };
                if has_slot_for(&self.shared, self.run.clone(), &child).await? {
                    child.concurrency = None;
                }
                self.besides.runs.push(child);
                continue;
            }
            self.parked.remove(&starting.place);
            self.waits.remove(&starting.place);
            let message = format!(
                "{} is not published with a `manual` trigger in this workspace",
                starting.workflow
            );
            let failure = Failure::new(WORKFLOW_NOT_STARTED, message);
            self.failed(&starting.place, &failure, None, None);
        }
        Ok(())
    }
}

/// Whether `run`, or one above it, has the slot that `child` would wait for. They would wait for each other for ever, so
/// the child runs within that slot.
async fn has_slot_for(shared: &Shared, run: Run, child: &NewRun) -> Result<bool, StorageError> {
    let Some(concurrency) = &child.concurrency else {
        return Ok(false);
    };
    let key = concurrency.key.as_deref();
    let group = key.map_or_else(String::new, |key| concurrency_group(key, &child.input));
    let reader = shared.workflows.0.store.reader();
    let mut above = Some(run);
    while let Some(run) = above {
        let same = run.workflow_id == child.workflow_id && run.slot.is_some();
        if same && run.slot_group.as_deref() == Some(&group) {
            return Ok(true);
        }
        above = match run.parent_step_id.and(run.parent_run_id) {
            Some(parent) => run::find_linked(reader, parent).await?,
            None => None,
        };
    }
    Ok(false)
}

/// The run of the workflow that is named for failures, if the failed run's workflow names one. The failure of such a run
/// starts no other, and neither does that of a test run, which somebody is looking at.
pub(super) async fn error_run(
    shared: &Shared,
    run: &Run,
    error: &Json,
) -> Result<Option<NewRun>, StorageError> {
    if run.is_test {
        return Ok(None);
    }
    let told_of_failure = run.parent_run_id.is_some() && run.parent_step_id.is_none();
    let permit = Permit::<Read>::system(run.workspace_id, "engine");
    let store = &shared.workflows.0.store;
    let version = workflow_version::find(store.reader(), &permit, run.workflow_version_id).await?;
    let settings = version.map(|version| Settings::of(&version.definition));
    let Some(workflow) = settings.and_then(|settings| settings.error_workflow) else {
        return Ok(None);
    };
    if told_of_failure {
        tracing::warn!(run = %run.id, "the run of an error workflow failed; no other is started for it");
        return Ok(None);
    }
    let Some(trigger) = manual(shared, run.workspace_id, workflow).await? else {
        tracing::error!(run = %run.id, %workflow, "the error workflow is not published with a `manual` trigger");
        return Ok(None);
    };
    let about = json!({"run": {
        "id": run.id, "workflowId": run.workflow_id, "error": error, "input": run.input,
        "createdAt": run.created_at, "startedAt": run.started_at,
    }});
    Ok(Some(NewRun {
        parent: Some(Parent {
            run_id: run.id,
            step_id: None,
            depth: run.depth + 1,
        }),
        ..NewRun::of(&trigger, store.clock().id(), manual_input(&about))
    }))
}

async fn manual(
    shared: &Shared,
    workspace: WorkspaceId,
    workflow: WorkflowId,
) -> Result<Option<Trigger>, StorageError> {
    let permit = Permit::<Read>::system(workspace, "engine");
    let db = shared.workflows.0.store.reader();
    let triggers = trigger::of_workflow(db, &permit, workflow).await?;
    let mut triggers = triggers.into_iter();
    Ok(triggers.find(|trigger| trigger.kind == TriggerKind::Manual))
}
