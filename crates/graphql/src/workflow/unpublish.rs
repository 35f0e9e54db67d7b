use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;

use super::Workflow;
use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `unpublishWorkflow`.
#[derive(Default)]
pub struct UnpublishWorkflow;

/// What `unpublishWorkflow` takes.
#[derive(InputObject)]
struct UnpublishWorkflowInput {
    /// The workflow to unpublish.
    workflow_id: ID,
}

/// What `unpublishWorkflow` answers.
#[derive(SimpleObject)]
struct UnpublishWorkflowPayload {
    /// The workflow; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl UnpublishWorkflow {
    /// Stops a workflow's triggers. Runs that are under way go on.
    async fn unpublish_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow to unpublish.")] input: UnpublishWorkflowInput,
    ) -> Result<UnpublishWorkflowPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let Ok(id) = input.workflow_id.parse() else {
            return Ok(UnpublishWorkflowPayload {
                workflow: None,
                user_errors: vec![unknown_workflow()],
            });
        };
        let (workflow, user_errors) =
            outcome(ctx.services()?.workflows.unpublish(&permit, id).await)?;
        Ok(UnpublishWorkflowPayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
