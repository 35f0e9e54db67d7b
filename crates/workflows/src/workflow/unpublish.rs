use jackfield_storage::Call;
use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::WorkflowId;
use jackfield_storage::poll;
use jackfield_storage::trigger;
use jackfield_storage::workflow::{self, Workflow};

use super::{WorkflowError, Workflows, hooks, update};

impl Workflows {
    /// Takes a workflow out of service: nothing starts it any more. Runs under way go on.
    pub async fn unpublish(
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
                    withdraw(call, &permit, &mut workflow).await?;
                    update(call, "unpublished", &before, workflow).await
                })
            })
            .await
    }
}

/// Takes back everything that could start a run.
pub(super) async fn withdraw(
    call: &Call,
    permit: &Permit<EditWorkflows>,
    workflow: &mut Workflow,
) -> Result<(), WorkflowError> {
    hooks::publish(call, permit, workflow.id, None).await?;
    trigger::replace(call.db(), permit, workflow.id, Vec::new()).await?;
    poll::replace(call, permit, workflow.id, Vec::new()).await?;
    workflow.published_version_id = None;
    Ok(())
}
