use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;

use super::Workflow;
use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `publishWorkflow`.
#[derive(Default)]
pub struct PublishWorkflow;

/// What `publishWorkflow` takes.
#[derive(InputObject)]
struct PublishWorkflowInput {
    /// The workflow to publish.
    workflow_id: ID,
}

/// What `publishWorkflow` answers.
#[derive(SimpleObject)]
struct PublishWorkflowPayload {
    /// The workflow; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl PublishWorkflow {
    /// Publishes the version that was saved last: its triggers start runs from now on. Runs that are under way keep theirs.
    async fn publish_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow to publish.")] input: PublishWorkflowInput,
    ) -> Result<PublishWorkflowPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let Ok(id) = input.workflow_id.parse() else {
            return Ok(PublishWorkflowPayload {
                workflow: None,
                user_errors: vec![unknown_workflow()],
            });
        };
        let (workflow, user_errors) =
            outcome(ctx.services()?.workflows.publish(&permit, id).await)?;
        Ok(PublishWorkflowPayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
