use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_workflows::run::CancelRun as Cancel;

use super::Run;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::workflow::outcome;

/// The mutation `cancelRun`.
#[derive(Default)]
pub struct CancelRun;

/// What `cancelRun` takes.
#[derive(InputObject)]
struct CancelRunInput {
    /// The run.
    run_id: ID,
    /// Why, for the run's error; who cancelled it by default.
    reason: Option<String>,
}

/// What `cancelRun` answers.
#[derive(SimpleObject)]
struct CancelRunPayload {
    /// The run; null when there are user errors.
    run: Option<Run>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CancelRun {
    /// Stops a run, also one that waits: calls under way are told to end, and runs that it waits for are cancelled. A run on which work has begun shows as CANCELLED a moment later.
    async fn cancel_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to cancel.")] input: CancelRunInput,
    ) -> Result<CancelRunPayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let Ok(run_id) = input.run_id.parse() else {
            return Ok(CancelRunPayload {
                run: None,
                user_errors: vec![UserError::not_found("runId", "run")],
            });
        };
        let cancel = Cancel {
            run_id,
            reason: input.reason,
        };
        let cancelled = ctx.services()?.workflows.cancel_run(&permit, cancel).await;
        let (run, user_errors) = outcome(cancelled)?;
        Ok(CancelRunPayload {
            run: run.map(Run),
            user_errors,
        })
    }
}
