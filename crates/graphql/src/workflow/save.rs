use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;
use jackfield_workflows::SaveWorkflow as Save;

use super::Workflow;
use super::input::WorkflowDefinitionInput;
use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `saveWorkflow`.
#[derive(Default)]
pub struct SaveWorkflow;

/// What `saveWorkflow` takes. What is not given stays as it is.
#[derive(InputObject)]
struct SaveWorkflowInput {
    /// The workflow to save.
    workflow_id: ID,
    /// What people call it.
    name: Option<String>,
    /// Its nodes and edges, which become a new version. The published version stays published.
    definition: Option<WorkflowDefinitionInput>,
}

/// What `saveWorkflow` answers.
#[derive(SimpleObject)]
struct SaveWorkflowPayload {
    /// The workflow; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SaveWorkflow {
    /// Saves a workflow: renames it, or keeps a new version of it as its draft.
    async fn save_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: SaveWorkflowInput,
    ) -> Result<SaveWorkflowPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let Ok(workflow_id) = input.workflow_id.parse() else {
            return Ok(SaveWorkflowPayload {
                workflow: None,
                user_errors: vec![unknown_workflow()],
            });
        };
        let save = Save {
            workflow_id,
            name: input.name,
            definition: input.definition.map(Into::into),
        };
        let (workflow, user_errors) = outcome(ctx.services()?.workflows.save(&permit, save).await)?;
        Ok(SaveWorkflowPayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
