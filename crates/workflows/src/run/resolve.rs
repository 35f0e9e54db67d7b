use jackfield_storage::access::{Permit, StartRuns};
use jackfield_storage::ids::StepId;
use jackfield_storage::signal::{Posted, Signal, SignalKind};
use jackfield_storage::step::{self, Step, StepStatus};
use jackfield_storage::{Json, Problem, ProblemCode};
use serde::{Deserialize, Serialize};

use crate::workflow::{WorkflowError, Workflows};

/// What a person decides about an uncertain step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Resolution {
    /// It is executed again, with the same idempotency keys.
    Retry,
    /// It counts as done.
    Succeed {
        /// What later steps see as its output.
        output: Option<Json>,
    },
    /// It counts as failed.
    Fail,
}

/// What is decided about which step.
#[derive(Debug, Clone)]
pub struct ResolveStep {
    /// Which.
    pub step_id: StepId,
    /// What.
    pub resolution: Resolution,
}

impl Workflows {
    /// Lets a run go on from a step of which it is not known whether it happened.
    pub async fn resolve_step(
        &self,
        permit: &Permit<StartRuns>,
        resolve: ResolveStep,
    ) -> Result<Step, WorkflowError> {
        let problem = |code: ProblemCode, message: &str| {
            WorkflowError::Rejected(vec![Problem::new(["stepId"], code, message)])
        };
        let found = step::find(self.0.store.reader(), &permit.read(), resolve.step_id).await?;
        let Some(step) = found else {
            return Err(problem(ProblemCode::NotFound, "there is no such step"));
        };
        let certain = "the step is not UNCERTAIN; there is nothing to decide about it";
        if step.status != StepStatus::Uncertain {
            return Err(problem(ProblemCode::Conflict, certain));
        }
        let clock = self.0.store.clock();
        let signal = Signal {
            id: clock.id(),
            workspace_id: step.workspace_id,
            run_id: step.run_id,
            step_id: Some(step.id),
            kind: SignalKind::Resolve,
            body: Json::of(&resolve.resolution).unwrap_or_else(|_| Json::null()),
            created_at: clock.now(),
        };
        match self.post(permit, signal).await? {
            Posted::Taken(_) => Ok(step),
            Posted::Repeated => Err(problem(
                ProblemCode::Conflict,
                "somebody has decided about the step just now",
            )),
            Posted::TooLate => Err(problem(ProblemCode::Conflict, certain)),
        }
    }
}
