use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::WorkflowId;
use jackfield_storage::pin;
use jackfield_storage::workflow::{self, Workflow};

use super::unpublish::withdraw;
use super::{WorkflowError, Workflows, update};

impl Workflows {
    /// Deletes a workflow: nothing finds or starts it any more. Runs under way go on, and the history of runs stays.
    pub async fn delete(
        &self,
        permit: &Permit<EditWorkflows>,
        id: WorkflowId,
    ) -> Result<Workflow, WorkflowError> {
        let permit = permit.clone();
        self.0
            .store
            .writer()
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let found = workflow::find(call.db(), &permit.read(), id).await?;
                    let before = found.ok_or(WorkflowError::NotFound(id))?;
                    let mut workflow = before.clone();
                    let pins = pin::of_workflow(call.db(), &permit.read(), id).await?;
                    let pinned: Vec<_> = pins.into_iter().map(|pin| pin.node_key).collect();
                    pin::remove(call.db(), &permit, id, &pinned).await?;
                    withdraw(call, &permit, &mut workflow).await?;
                    workflow.deleted_at = Some(call.now());
                    update(call, "deleted", &before, workflow).await
                })
            })
            .await
    }
}
