//! Runs that are born at work.
//!
//! A run that is written as queued is claimed in a second commit and ended in a third. Where this
//! process executes runs, its executor is asked before a run is written: it takes the run on, with a
//! lease from birth, or executes it right away when nothing of it touches the outside, so that the
//! run is written once, with its steps and its end.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::RwLock;

use crate::{
    credential_use::CredentialUse,
    ids::RunId,
    run::{Priority, Run, RunStatus},
    step::Step,
};

/// Executes runs in this process; handed to the store by who knows of workflows.
#[async_trait]
pub trait Executor: Send + Sync + 'static {
    /// Looks at a queued run that is about to be written. Leaves it as it is; or takes it on: it is
    /// `RUNNING` then, with a lease, the fence 1 and a start; or executes it up to a rest or its end.
    /// Returns what is to be written with it. Nothing may be done that is not undone by forgetting it: the run may turn out to
    /// be there already. Dropping the future is forgetting, too.
    async fn begin(&self, run: &mut Run) -> Executed;

    /// A run that was taken on, and not ended, is on disk: go on with it.
    fn go_on(&self, run: Run);

    /// A run that was taken on is not on disk, and never will be.
    fn forget(&self, run: RunId);
}

/// The executor, once there is one. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Executing(Arc<RwLock<Option<Arc<dyn Executor>>>>);

impl Executing {
    /// Sets the executor, in place of an earlier one.
    pub fn set(&self, executor: Arc<dyn Executor>) {
        *self.0.write() = Some(executor);
    }

    /// Asks the executor for each run. One with a priority has its turn when it is claimed; those of limited workflows do
    /// not come here at all.
    pub async fn begin(&self, runs: &mut [Run]) -> Begun {
        let mut begun = Begun::default();
        let Some(executor) = self.0.read().clone() else {
            return begun;
        };
        begun.executor = Some(executor.clone());
        for run in runs
            .iter_mut()
            .filter(|run| run.priority == Priority::Normal)
        {
            let executed = executor.begin(run).await;
            begun.steps.extend(executed.steps);
            begun.uses.extend(executed.uses);
            if run.fence > 0 && run.status == RunStatus::Running {
                begun.taken.push(run.id);
            }
        }
        begun
    }
}

/// What belongs to a run that was executed, or begun.
#[derive(Debug, Default)]
pub struct Executed {
    /// Its steps.
    pub steps: Vec<Step>,
    /// The credentials that steps use which begin once it is on disk.
    pub uses: Vec<CredentialUse>,
}

/// What was begun before it is written.
#[derive(Default)]
pub(crate) struct Begun {
    pub steps: Vec<Step>,
    pub uses: Vec<CredentialUse>,
    taken: Vec<RunId>,
    executor: Option<Arc<dyn Executor>>,
}

impl Begun {
    /// The runs are on disk.
    pub fn go_on(&mut self, runs: &[Run]) {
        let taken = std::mem::take(&mut self.taken);
        let Some(executor) = &self.executor else {
            return;
        };
        for run in runs.iter().filter(|run| taken.contains(&run.id)) {
            executor.go_on(run.clone());
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(executor) = &self.executor {
            for run in self.taken.drain(..) {
                executor.forget(run);
            }
        }
    }
}
