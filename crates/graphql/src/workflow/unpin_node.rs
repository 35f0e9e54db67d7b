use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;

use super::Workflow;
use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `unpinNode`.
#[derive(Default)]
pub struct UnpinNode;

/// What `unpinNode` takes.
#[derive(InputObject)]
struct UnpinNodeInput {
    /// The workflow to whose draft the node belongs.
    workflow_id: ID,
    /// The node's key in the draft.
    node_key: String,
}

/// What `unpinNode` answers.
#[derive(SimpleObject)]
struct UnpinNodePayload {
    /// The workflow with the pins that it still has; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl UnpinNode {
    /// Has test runs execute a node again. Nothing happens when it is not pinned.
    async fn unpin_node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which node.")] input: UnpinNodeInput,
    ) -> Result<UnpinNodePayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let Ok(workflow_id) = input.workflow_id.parse() else {
            return Ok(UnpinNodePayload {
                workflow: None,
                user_errors: vec![unknown_workflow()],
            });
        };
        let workflows = &ctx.services()?.workflows;
        let unpinned = workflows.unpin(&permit, workflow_id, input.node_key).await;
        let (workflow, user_errors) = outcome(unpinned)?;
        Ok(UnpinNodePayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}
