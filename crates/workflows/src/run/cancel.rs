use jackfield_storage::access::{Permit, StartRuns};
use jackfield_storage::ids::RunId;
use jackfield_storage::run::{self, Run};
use jackfield_storage::signal::{Posted, Signal, SignalKind};
use jackfield_storage::{Problem, ProblemCode};
use serde_json::json;

use crate::workflow::{WorkflowError, Workflows};

/// A run that is to be stopped.
#[derive(Debug, Clone)]
pub struct CancelRun {
    /// Which.
    pub run_id: RunId,
    /// Why, for the run's history.
    pub reason: Option<String>,
}

impl Workflows {
    /// Stops a run: what it waits for is given up, calls under way are told to end, runs that it waits for are cancelled.
    /// When this returns, the run will be cancelled whatever happens; one that was not begun is cancelled.
    pub async fn cancel_run(
        &self,
        permit: &Permit<StartRuns>,
        cancel: CancelRun,
    ) -> Result<Run, WorkflowError> {
        let problem = |code: ProblemCode, message: &str| {
            WorkflowError::Rejected(vec![Problem::new(["runId"], code, message)])
        };
        let found = run::find(self.0.store.reader(), &permit.read(), cancel.run_id).await?;
        let Some(run) = found else {
            return Err(problem(ProblemCode::NotFound, "there is no such run"));
        };
        let clock = self.0.store.clock();
        let by = permit.actor().to_string();
        let reason = cancel
            .reason
            .filter(|reason| !reason.trim().is_empty())
            .unwrap_or_else(|| format!("cancelled by {by}"));
        let signal = Signal {
            id: clock.id(),
            workspace_id: run.workspace_id,
            run_id: run.id,
            step_id: None,
            kind: SignalKind::Cancel,
            body: json!({"reason": reason}).into(),
            created_at: clock.now(),
        };
        match self.post(permit, signal).await? {
            Posted::Taken(run) => Ok(*run),
            Posted::Repeated => Ok(run),
            Posted::TooLate => Err(problem(ProblemCode::Conflict, "the run is over already")),
        }
    }
}
