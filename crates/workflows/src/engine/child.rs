//! Runs that a run starts: those that a step waits for, and the one that is told of its failure.

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::{RunId, WorkflowId, WorkspaceId};
use jackfield_storage::run::Run;
use jackfield_storage::trigger::{self, Trigger, TriggerKind};
use jackfield_storage::{Json, NewRun, Parent, StorageError, workflow_version};
use serde_json::{Value as Tree, json};

use super::Shared;
use super::drive::Driver;
use super::failure::{Failure, WORKFLOW_NOT_STARTED};
use crate::definition::Settings;
use crate::machine::Place;
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
                self.besides.runs.push(NewRun {
                    id: starting.run,
                    workflow_id: starting.workflow,
                    workflow_version_id: trigger.workflow_version_id,
                    trigger_key: trigger.node_key,
                    input: manual_input(&starting.input),
                    parent: Some(starting.parent),
                    lease: None,
                });
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

/// The run of the workflow that is named for failures, if the failed run's workflow names one. The failure of such a run
/// starts no other.
pub(super) async fn error_run(
    shared: &Shared,
    run: &Run,
    error: &Json,
) -> Result<Option<NewRun>, StorageError> {
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
        id: store.clock().id(),
        workflow_id: workflow,
        workflow_version_id: trigger.workflow_version_id,
        trigger_key: trigger.node_key,
        input: manual_input(&about),
        parent: Some(Parent {
            run_id: run.id,
            step_id: None,
            depth: run.depth + 1,
        }),
        lease: None,
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
