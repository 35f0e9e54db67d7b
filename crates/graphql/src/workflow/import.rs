use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;

use super::Workflow;
use super::outcome::outcome;
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `importWorkflow`.
#[derive(Default)]
pub struct ImportWorkflow;

/// What `importWorkflow` takes.
#[derive(InputObject)]
struct ImportWorkflowInput {
    /// The text of the file, in YAML or JSON, as `WorkflowVersion.file` writes it.
    file: String,
    /// What people call the workflow; by default what the file says.
    name: Option<String>,
}

/// What `importWorkflow` answers.
#[derive(SimpleObject)]
struct ImportWorkflowPayload {
    /// The workflow, not yet published; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ImportWorkflow {
    /// Makes a new workflow of a file. To keep one workflow in step with a file, see `applyWorkflow`.
    async fn import_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: ImportWorkflowInput,
    ) -> Result<ImportWorkflowPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let workflows = &ctx.services()?.workflows;
        let imported = workflows.import(&permit, &input.file, input.name).await;
        let (workflow, user_errors) = outcome(imported)?;
        Ok(ImportWorkflowPayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
