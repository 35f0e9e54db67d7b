use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_workflows::TestRun;

use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::run::Run;
use crate::scalars::JsonScalar;

/// The mutation `testWorkflow`.
#[derive(Default)]
pub struct TestWorkflow;

/// What `testWorkflow` takes.
#[derive(InputObject)]
struct TestWorkflowInput {
    /// The workflow whose draft is run.
    workflow_id: ID,
    /// The key of the trigger at which to start. By default it is the one that is pinned, the `manual` one, or the only one.
    trigger_key: Option<String>,
    /// What expressions see as `trigger.body`. By default `trigger` is what is pinned to the trigger, if anything is.
    input: Option<JsonScalar>,
}

/// What `testWorkflow` answers.
#[derive(SimpleObject)]
struct TestWorkflowPayload {
    /// The run; null when there are user errors.
    run: Option<Run>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl TestWorkflow {
    /// Runs the draft, without publishing it. Pinned nodes are not executed; what the others do outside, they do.
    async fn test_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to run.")] input: TestWorkflowInput,
    ) -> Result<TestWorkflowPayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let Ok(workflow_id) = input.workflow_id.parse() else {
            return Ok(TestWorkflowPayload {
                run: None,
                user_errors: vec![unknown_workflow()],
            });
        };
        let test = TestRun {
            workflow_id,
            trigger_key: input.trigger_key,
            input: input.input.map(|input| input.0.value()),
        };
        let workflows = &ctx.services()?.workflows;
        let (run, user_errors) = outcome(workflows.start_test(&permit, test).await)?;
        Ok(TestWorkflowPayload {
            run: run.map(Run),
            user_errors,
        })
    }
}
