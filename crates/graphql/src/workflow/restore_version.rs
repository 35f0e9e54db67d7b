use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;

use super::Workflow;
use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `restoreWorkflowVersion`.
#[derive(Default)]
pub struct RestoreWorkflowVersion;

/// What `restoreWorkflowVersion` takes.
#[derive(InputObject)]
struct RestoreWorkflowVersionInput {
    /// The workflow.
    workflow_id: ID,
    /// The number of the version that is to be the draft again.
    number: i32,
}

/// What `restoreWorkflowVersion` answers.
#[derive(SimpleObject)]
struct RestoreWorkflowVersionPayload {
    /// The workflow; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl RestoreWorkflowVersion {
    /// Makes an older version the draft again, as a new version with the same nodes and edges. The published version stays
    /// published. Secrets of webhooks are not part of a version and stay as they are.
    async fn restore_workflow_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version to restore.")] input: RestoreWorkflowVersionInput,
    ) -> Result<RestoreWorkflowVersionPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let Ok(id) = input.workflow_id.parse() else {
            return Ok(RestoreWorkflowVersionPayload {
                workflow: None,
                user_errors: vec![unknown_workflow()],
            });
        };
        let workflows = &ctx.services()?.workflows;
        let restored = workflows.restore(&permit, id, input.number).await;
        let (workflow, user_errors) = outcome(restored)?;
        Ok(RestoreWorkflowVersionPayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
