//! Runs done over: as a whole, or from a step on with what the steps before it returned.

use std::collections::BTreeSet;

use jackfield_storage::access::{Permit, StartRuns};
use jackfield_storage::ids::{RunId, WorkflowVersionId};
use jackfield_storage::run::{self, Beginning, Past, Run};
use jackfield_storage::step::{self, Step, StepStatus};
use jackfield_storage::{Call, Clock, Problem, ProblemCode, trigger, workflow, workflow_version};

use super::export::document;
use super::{WorkflowError, Workflows};
use crate::definition::Document;
use crate::triggers::concurrency_group;

/// How many runs are written in one transaction.
const BATCH: u64 = 50;

/// The most runs that one call does over.
pub const MAX_RERUNS: u64 = 1_000;

/// From where on a run is done over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RerunFrom {
    /// From its trigger.
    #[default]
    Start,
    /// From the step of the node with that key; what does not depend on it is kept.
    Step(String),
    /// From what did not succeed; everything that did is kept.
    Failure,
}

/// A run that is to be done over.
#[derive(Debug, Clone)]
pub struct Rerun {
    /// Which.
    pub run_id: RunId,
    /// From where on.
    pub from: RerunFrom,
    /// Whether by the published version of its workflow; otherwise by the version that it followed.
    pub use_latest: bool,
}

/// Many runs that are to be done over.
#[derive(Debug, Clone)]
pub struct RerunMany {
    /// Which. Runs that were done over before are left out.
    pub past: Past,
    /// From where on, `Start` or `Failure`.
    pub from: RerunFrom,
    /// Whether by the published versions of their workflows.
    pub use_latest: bool,
    /// At most so many; no more than [`MAX_RERUNS`].
    pub limit: u64,
}

/// How far a [`RerunMany`] has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RerunProgress {
    /// How many runs were started.
    pub started: u64,
    /// Runs that cannot be done over, because their workflow is gone or unpublished.
    pub left_out: u64,
    /// The last run that was looked at; the next call goes on after it. None when there are no more.
    pub after: Option<RunId>,
}

impl Workflows {
    /// Starts a run that does an earlier one over, with the same input. The earlier run has to be over.
    pub async fn rerun(
        &self,
        permit: &Permit<StartRuns>,
        rerun: Rerun,
    ) -> Result<Run, WorkflowError> {
        let (permit, clock) = (permit.clone(), self.0.store.clock().clone());
        let writer = self.0.store.writer();
        writer
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let found = run::find(call.db(), &permit.read(), rerun.run_id).await?;
                    let missing =
                        || rejected("runId", ProblemCode::NotFound, "there is no such run");
                    let past = found.ok_or_else(missing)?;
                    let again = Again {
                        from: &rerun.from,
                        use_latest: rerun.use_latest,
                        clock: &clock,
                    };
                    again.start(call, &permit, &past).await
                })
            })
            .await
    }

    /// Does many runs over, oldest first. A call does so many and says where the next goes on; what it answers is written,
    /// also when a later call never comes.
    pub async fn rerun_many(
        &self,
        permit: &Permit<StartRuns>,
        many: RerunMany,
    ) -> Result<RerunProgress, WorkflowError> {
        let limit = many.limit.clamp(1, MAX_RERUNS);
        let mut progress = RerunProgress {
            after: many.past.after,
            ..RerunProgress::default()
        };
        while progress.started + progress.left_out < limit {
            let wanted = BATCH.min(limit - progress.started - progress.left_out);
            let past = Past {
                after: progress.after,
                ..many.past.clone()
            };
            let batch = run::past(self.0.store.reader(), permit, &past, wanted).await?;
            let Some(last) = batch.last().map(|run| run.id) else {
                progress.after = None;
                break;
            };
            let found = batch.len() as u64;
            let started = self.rerun_batch(permit, &many, batch).await?;
            progress.started += started;
            progress.left_out += found - started;
            progress.after = (found == wanted).then_some(last);
            if progress.after.is_none() {
                break;
            }
        }
        Ok(progress)
    }

    /// One transaction. A run that cannot be done over does not keep the others from it.
    async fn rerun_batch(
        &self,
        permit: &Permit<StartRuns>,
        many: &RerunMany,
        batch: Vec<Run>,
    ) -> Result<u64, WorkflowError> {
        let (permit, clock) = (permit.clone(), self.0.store.clock().clone());
        let (from, use_latest) = (many.from.clone(), many.use_latest);
        let writer = self.0.store.writer();
        writer
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let again = Again {
                        from: &from,
                        use_latest,
                        clock: &clock,
                    };
                    let mut started = 0;
                    for past in &batch {
                        match again.start(call, &permit, past).await {
                            Ok(_) => started += 1,
                            Err(WorkflowError::Rejected(_)) => {}
                            Err(error) => return Err(error),
                        }
                    }
                    Ok(started)
                })
            })
            .await
    }
}

/// How runs are done over.
struct Again<'a> {
    from: &'a RerunFrom,
    use_latest: bool,
    clock: &'a Clock,
}

impl Again<'_> {
    async fn start(
        &self,
        call: &Call,
        permit: &Permit<StartRuns>,
        past: &Run,
    ) -> Result<Run, WorkflowError> {
        if !past.status.is_finished() {
            let message = "the run is still under way; cancel it first, or wait for its end";
            return Err(rejected("runId", ProblemCode::Conflict, message));
        }
        let version = self.version(call, permit, past).await?;
        let document = self.document(call, permit, version).await?;
        let trigger = document
            .nodes
            .iter()
            .any(|node| node.key == past.trigger_key);
        if !trigger {
            let message = format!(
                "the version has no trigger `{}`, at which the run started",
                past.trigger_key
            );
            return Err(rejected("useLatest", ProblemCode::Conflict, message));
        }
        let id = self.clock.id();
        let kept = self.kept(call, permit, past, &document, id).await?;
        let beginning = Beginning {
            id,
            workspace_id: past.workspace_id,
            workflow_id: past.workflow_id,
            workflow_version_id: version,
            trigger_key: past.trigger_key.clone(),
            input: past.input.clone(),
        };
        let run = Run {
            event_id: past.event_id,
            // Whoever claims a run for the first time, with fence 1, knows that it has no steps. This one may have some.
            fence: 1,
            rerun_of: Some(past.id),
            priority: past.priority,
            // What was published is never run with pins.
            is_test: past.is_test && !self.use_latest,
            pins: past.pins.clone().filter(|_| !self.use_latest),
            ..Run::queued(beginning, call.now())
        };
        // What holds for the workflow now, whichever version the run follows.
        let triggers = trigger::of_workflow(call.db(), &permit.read(), past.workflow_id).await?;
        let limited = triggers.first().and_then(trigger::Trigger::concurrency);
        let limited = limited.map(|limited| {
            let key = limited.key.as_deref();
            let group = key.map_or_else(String::new, |key| concurrency_group(key, &run.input));
            (limited, group)
        });
        let run = run::insert(call, permit, run, kept, limited).await?;
        call.noted("rerun", &run);
        Ok(run)
    }

    async fn version(
        &self,
        call: &Call,
        permit: &Permit<StartRuns>,
        past: &Run,
    ) -> Result<WorkflowVersionId, WorkflowError> {
        let workflow = workflow::find(call.db(), &permit.read(), past.workflow_id).await?;
        let gone = || {
            rejected(
                "runId",
                ProblemCode::Conflict,
                "the run's workflow was deleted",
            )
        };
        let workflow = workflow.ok_or_else(gone)?;
        let unpublished = || {
            let message = "the workflow is not published; publish it, or leave `useLatest` out";
            rejected("useLatest", ProblemCode::Conflict, message)
        };
        match self.use_latest {
            true => workflow.published_version_id.ok_or_else(unpublished),
            false => Ok(past.workflow_version_id),
        }
    }

    async fn document(
        &self,
        call: &Call,
        permit: &Permit<StartRuns>,
        id: WorkflowVersionId,
    ) -> Result<Document, WorkflowError> {
        let version = workflow_version::find(call.db(), &permit.read(), id).await?;
        let missing = || WorkflowError::Damaged(id, "there is no such version".to_owned());
        document(&version.ok_or_else(missing)?)
    }

    /// The steps that the new run has behind it from the start.
    async fn kept(
        &self,
        call: &Call,
        permit: &Permit<StartRuns>,
        past: &Run,
        document: &Document,
        id: RunId,
    ) -> Result<Vec<Step>, WorkflowError> {
        let again: BTreeSet<String> = match self.from {
            RerunFrom::Start => return Ok(Vec::new()),
            RerunFrom::Failure => BTreeSet::new(),
            RerunFrom::Step(key) => {
                if document.nodes.iter().all(|node| node.key != *key) {
                    let message = format!("the version has no node with the key `{key}`");
                    return Err(rejected("fromStep", ProblemCode::NotFound, message));
                }
                document.after(key)
            }
        };
        let steps = step::of_runs(call.db(), &permit.read(), &[past.id]).await?;
        if let RerunFrom::Step(key) = self.from
            && steps.iter().all(|step| step.node_key != *key)
        {
            let message =
                format!("the run never came to `{key}`, so there is nothing before it to keep");
            return Err(rejected("fromStep", ProblemCode::Conflict, message));
        }
        let kept = steps.into_iter().filter(|step| {
            let node = document.nodes.iter().find(|node| node.key == step.node_key);
            // A failure that was caught left by a port; one that was not is what the run is done over for.
            let over = match step.status {
                StepStatus::Succeeded => true,
                StepStatus::Failed => {
                    step.port.is_some() && matches!(self.from, RerunFrom::Step(_))
                }
                _ => false,
            };
            over && node.is_some() && !again.contains(&step.node_key)
        });
        Ok(kept
            .map(|step| Step {
                id: self.clock.id(),
                run_id: id,
                ..step
            })
            .collect())
    }
}

fn rejected(field: &str, code: ProblemCode, message: impl Into<String>) -> WorkflowError {
    WorkflowError::Rejected(vec![Problem::new([field], code, message)])
}
