use jackfield_storage::access::{Permit, StartRuns};
use jackfield_storage::ids::{RunId, WorkflowId};
use jackfield_storage::run::{self, Priority, Run};
use jackfield_storage::trigger::{self, Trigger, TriggerKind};
use jackfield_storage::{Json, NewRun, Problem, ProblemCode, Start, StorageError, workflow};
use serde::Serialize;
use serde_json::Value;

use super::{WorkflowError, Workflows};

/// The largest input of a run, in bytes of JSON.
const MAX_INPUT: usize = 4 * 1024 * 1024;

/// The longest idempotency key, in bytes.
const MAX_KEY: usize = 255;

/// A run that somebody asks for.
#[derive(Debug, Clone)]
pub struct StartRun {
    /// Of which workflow.
    pub workflow_id: WorkflowId,
    /// What expressions read as `trigger.body`.
    pub input: Value,
    /// The same key again in the workspace is the same run.
    pub idempotency_key: Option<String>,
    /// Which of several runs that are due begins first; what the workflow says when absent.
    pub priority: Option<Priority>,
}

/// What became of a [`StartRun`].
#[derive(Debug, Clone)]
pub struct StartedRun {
    /// The run, or the earlier one with the same idempotency key.
    pub run: Run,
    /// Whether it was there already.
    pub duplicate: bool,
}

/// What expressions see as `trigger` when nothing arrived from outside.
#[derive(Serialize)]
struct ManualTrigger<'a> {
    body: &'a Value,
    headers: Empty,
    query: Empty,
    event: Option<()>,
}

#[derive(Serialize)]
struct Empty {}

impl Workflows {
    /// Starts a run at the `manual` trigger of the published version. The run is on disk when this returns.
    pub async fn start(
        &self,
        permit: &Permit<StartRuns>,
        start: StartRun,
    ) -> Result<StartedRun, WorkflowError> {
        let input = check(&start).map_err(|problem| WorkflowError::Rejected(vec![problem]))?;
        let trigger = self.manual_trigger(permit, start.workflow_id).await?;
        let run = NewRun {
            priority: start.priority.unwrap_or(trigger.priority),
            ..NewRun::of(&trigger, self.0.store.clock().id(), input)
        };
        let key = start.idempotency_key.filter(|key| !key.is_empty());
        let started = self
            .0
            .store
            .writer()
            .start(
                permit,
                Start {
                    run,
                    idempotency_key: key,
                },
            )
            .await?;
        let run = match started.run {
            Some(run) => run,
            None => self.earlier(permit, started.run_id).await?,
        };
        Ok(StartedRun {
            run,
            duplicate: started.duplicate,
        })
    }

    async fn manual_trigger(
        &self,
        permit: &Permit<StartRuns>,
        id: WorkflowId,
    ) -> Result<Trigger, WorkflowError> {
        let db = self.0.store.reader();
        let triggers = trigger::of_workflow(db, &permit.read(), id).await?;
        let none = triggers.is_empty();
        if let Some(manual) = triggers
            .into_iter()
            .find(|trigger| trigger.kind == TriggerKind::Manual)
        {
            return Ok(manual);
        }
        workflow::find(db, &permit.read(), id)
            .await?
            .ok_or(WorkflowError::NotFound(id))?;
        let message = match none {
            true => "the workflow is not published; publish it first",
            false => "the published version has no `manual` trigger; add one and publish again",
        };
        Err(WorkflowError::Rejected(vec![Problem::new(
            ["workflowId"],
            ProblemCode::Conflict,
            message,
        )]))
    }

    async fn earlier(&self, permit: &Permit<StartRuns>, id: RunId) -> Result<Run, WorkflowError> {
        let found = run::find(self.0.store.reader(), &permit.read(), id).await?;
        Ok(found.ok_or_else(|| missing(id))?)
    }
}

/// A row that has to be there is not.
pub(crate) fn missing(id: RunId) -> StorageError {
    jackfield_storage::sea_orm::DbErr::RecordNotFound(format!("{id}")).into()
}

/// What expressions see as `trigger` of a run that was started with this input.
pub(crate) fn manual_input(input: &Value) -> Json {
    let trigger = ManualTrigger {
        body: input,
        headers: Empty {},
        query: Empty {},
        event: None,
    };
    Json::of(&trigger).unwrap_or_else(|_| Json::null())
}

fn check(start: &StartRun) -> Result<Json, Problem> {
    if start
        .idempotency_key
        .as_ref()
        .is_some_and(|key| key.len() > MAX_KEY)
    {
        let message = format!("the key may have at most {MAX_KEY} bytes");
        return Err(Problem::new(
            ["idempotencyKey"],
            ProblemCode::TooLarge,
            message,
        ));
    }
    check_input(&start.input)
}

/// What the run's trigger says, if it is not too large.
pub(super) fn check_input(input: &Value) -> Result<Json, Problem> {
    let json = manual_input(input);
    if json.as_str().len() > MAX_INPUT {
        let message = format!("the input may have at most {MAX_INPUT} bytes");
        return Err(Problem::new(["input"], ProblemCode::TooLarge, message));
    }
    Ok(json)
}
