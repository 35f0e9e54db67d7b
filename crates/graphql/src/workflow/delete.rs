use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;

use super::Workflow;
use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `deleteWorkflow`.
#[derive(Default)]
pub struct DeleteWorkflow;

/// What `deleteWorkflow` takes.
#[derive(InputObject)]
struct DeleteWorkflowInput {
    /// The workflow to delete.
    workflow_id: ID,
}

/// What `deleteWorkflow` answers.
#[derive(SimpleObject)]
struct DeleteWorkflowPayload {
    /// The workflow as it was deleted; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DeleteWorkflow {
    /// Deletes a workflow. Its runs can still be read.
    async fn delete_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow to delete.")] input: DeleteWorkflowInput,
    ) -> Result<DeleteWorkflowPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let Ok(id) = input.workflow_id.parse() else {
            return Ok(DeleteWorkflowPayload {
                workflow: None,
                user_errors: vec![unknown_workflow()],
            });
        };
        let (workflow, user_errors) = outcome(ctx.services()?.workflows.delete(&permit, id).await)?;
        Ok(DeleteWorkflowPayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
