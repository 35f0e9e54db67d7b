use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::WorkflowId;
use jackfield_storage::workflow::{self, Workflow};
use serde_json::Value;

use super::draft::{check_name, write_version};
use super::{WorkflowError, Workflows, hooks, pin, update};

/// What is to be changed about a workflow; what is absent stays.
#[derive(Debug, Clone)]
pub struct SaveWorkflow {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// What people call it.
    pub name: Option<String>,
    /// Its nodes and edges.
    pub definition: Option<Value>,
}

impl Workflows {
    /// Saves a workflow. A definition becomes the next version, and the draft; what is published stays as it is.
    /// Outputs stay pinned to nodes that still are what they were.
    pub async fn save(
        &self,
        permit: &Permit<EditWorkflows>,
        save: SaveWorkflow,
    ) -> Result<Workflow, WorkflowError> {
        let mut problems = Vec::new();
        let name = match &save.name {
            Some(name) => check_name(name)
                .map_err(|problem| problems.push(problem))
                .ok(),
            None => None,
        };
        let draft = match save.definition {
            Some(definition) => self.draft(permit, definition, &mut problems).await?,
            None => None,
        };
        if !problems.is_empty() {
            return Err(WorkflowError::Rejected(problems));
        }
        let (clock, sealer, permit) = (
            self.0.store.clock().clone(),
            self.0.apps.sealer().clone(),
            permit.clone(),
        );
        let catalogue = self.0.catalogue.get();
        self.0
            .store
            .writer()
            .call(&permit.clone(), move |call| {
                Box::pin(async move {
                    let id = save.workflow_id;
                    let found = workflow::find(call.db(), &permit.read(), id).await?;
                    let before = found.ok_or(WorkflowError::NotFound(id))?;
                    let mut workflow = before.clone();
                    if let Some(name) = name {
                        workflow.name = name;
                    }
                    if let Some(draft) = draft {
                        pin::keep_fitting(call, &permit, &workflow, &draft.document, &catalogue)
                            .await?;
                        let version =
                            write_version(call, &permit, id, clock.id(), &draft.document).await?;
                        hooks::save(call, &permit, id, &draft, &sealer, &clock).await?;
                        workflow.draft_version_id = Some(version.id);
                    }
                    update(call, "saved", &before, workflow).await
                })
            })
            .await
    }
}
