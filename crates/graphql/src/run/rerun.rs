use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_workflows as workflows;

use super::Run;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::workflow::outcome;

/// The mutation `rerun`.
#[derive(Default)]
pub struct Rerun;

/// What `rerun` takes.
#[derive(InputObject)]
struct RerunInput {
    /// The run to do over, which has to be over.
    run_id: ID,
    /// The key of the node from which on it is done over. What does not come after that node is kept with its outputs.
    from_step: Option<String>,
    /// Whether everything that succeeded is kept with its outputs, and only the rest is done over.
    #[graphql(default)]
    from_failure: bool,
    /// Whether by the published version of the workflow; otherwise by the version that the run followed.
    #[graphql(default)]
    use_latest: bool,
}

/// What `rerun` answers.
#[derive(SimpleObject)]
struct RerunPayload {
    /// The new run; null when there are user errors.
    run: Option<Run>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl Rerun {
    /// Does a run over with the same input: a new run, as a whole or from a step on. Its steps have idempotency keys of
    /// their own, so what it does outside it does again.
    async fn rerun(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do over.")] input: RerunInput,
    ) -> Result<RerunPayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let refused = |error| RerunPayload {
            run: None,
            user_errors: vec![error],
        };
        let Ok(run_id) = input.run_id.parse() else {
            return Ok(refused(UserError::not_found("runId", "run")));
        };
        let from = match (input.from_step, input.from_failure) {
            (Some(_), true) => {
                let message = "give either `fromStep` or `fromFailure`";
                return Ok(refused(UserError::invalid("fromFailure", message)));
            }
            (Some(key), false) => workflows::RerunFrom::Step(key),
            (None, true) => workflows::RerunFrom::Failure,
            (None, false) => workflows::RerunFrom::Start,
        };
        let rerun = workflows::Rerun {
            run_id,
            from,
            use_latest: input.use_latest,
        };
        let (run, user_errors) = outcome(ctx.services()?.workflows.rerun(&permit, rerun).await)?;
        Ok(RerunPayload {
            run: run.map(Run),
            user_errors,
        })
    }
}
