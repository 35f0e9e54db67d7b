use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_workflows::StartRun as NewStart;
use serde_json::Value;

use super::{Run, RunPriority};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;
use crate::workflow::outcome;

/// The mutation `startRun`.
#[derive(Default)]
pub struct StartRun;

/// What `startRun` takes.
#[derive(InputObject)]
struct StartRunInput {
    /// The workflow, which must be published and have a `manual` trigger.
    workflow_id: ID,
    /// What expressions see as `trigger.body`; null by default.
    input: Option<JsonScalar>,
    /// The same key again is the same run: nothing is started twice.
    idempotency_key: Option<String>,
    /// Which of several runs that are due begins first; what the workflow says by default.
    priority: Option<RunPriority>,
}

/// What `startRun` answers.
#[derive(SimpleObject)]
struct StartRunPayload {
    /// The run; null when there are user errors.
    run: Option<Run>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl StartRun {
    /// Starts a run of a published workflow by hand.
    async fn start_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to start.")] input: StartRunInput,
    ) -> Result<StartRunPayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let Ok(workflow_id) = input.workflow_id.parse() else {
            return Ok(StartRunPayload {
                run: None,
                user_errors: vec![UserError::not_found("workflowId", "workflow")],
            });
        };
        let start = NewStart {
            workflow_id,
            input: input.input.map_or(Value::Null, |input| input.0.value()),
            idempotency_key: input.idempotency_key,
            priority: input.priority.map(Into::into),
        };
        let (started, user_errors) =
            outcome(ctx.services()?.workflows.start(&permit, start).await)?;
        Ok(StartRunPayload {
            run: started.map(|started| Run(started.run)),
            user_errors,
        })
    }
}
