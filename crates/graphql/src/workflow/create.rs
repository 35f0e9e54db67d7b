use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;
use jackfield_workflows::NewWorkflow;

use super::Workflow;
use super::input::WorkflowDefinitionInput;
use super::outcome::outcome;
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `createWorkflow`.
#[derive(Default)]
pub struct CreateWorkflow;

/// What `createWorkflow` takes.
#[derive(InputObject)]
struct CreateWorkflowInput {
    /// What people call it.
    name: String,
    /// Its nodes and edges, which become version 1.
    definition: WorkflowDefinitionInput,
}

/// What `createWorkflow` answers.
#[derive(SimpleObject)]
struct CreateWorkflowPayload {
    /// The workflow, not yet published; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateWorkflow {
    /// Makes a workflow. It does nothing until it is published.
    async fn create_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow to make.")] input: CreateWorkflowInput,
    ) -> Result<CreateWorkflowPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let new = NewWorkflow {
            name: input.name,
            definition: input.definition.into(),
        };
        let (workflow, user_errors) =
            outcome(ctx.services()?.workflows.create(&permit, new).await)?;
        Ok(CreateWorkflowPayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
