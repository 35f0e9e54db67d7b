use std::sync::Arc;

use jackfield_storage::Change;
use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::sea_orm::{EntityTrait, IntoActiveModel};
use jackfield_storage::workflow::{self, Workflow};
use serde_json::Value;

use super::draft::{check_name, write_version};
use super::{WorkflowError, Workflows, hooks};

/// A workflow that is to be created.
#[derive(Debug, Clone)]
pub struct NewWorkflow {
    /// What people call it.
    pub name: String,
    /// Its nodes and edges.
    pub definition: Value,
}

impl Workflows {
    /// Creates a workflow with a draft, version 1. Nothing triggers it before it is published; its webhooks have their
    /// URLs from now on.
    pub async fn create(
        &self,
        permit: &Permit<EditWorkflows>,
        new: NewWorkflow,
    ) -> Result<Workflow, WorkflowError> {
        let mut problems = Vec::new();
        let name = check_name(&new.name)
            .map_err(|problem| problems.push(problem))
            .ok();
        let draft = self.draft(permit, new.definition, &mut problems).await?;
        let (Some(name), Some(draft)) = (name, draft) else {
            return Err(WorkflowError::Rejected(problems));
        };
        let (clock, sealer, permit) = (
            self.0.store.clock().clone(),
            self.0.apps.sealer().clone(),
            permit.clone(),
        );
        self.0
            .store
            .writer()
            .call(&permit.clone(), |call| {
                Box::pin(async move {
                    let (id, version_id) = (clock.id(), clock.id());
                    let workflow = Workflow {
                        id,
                        workspace_id: permit.workspace(),
                        name,
                        draft_version_id: Some(version_id),
                        published_version_id: None,
                        created_at: call.now(),
                        updated_at: call.now(),
                        deleted_at: None,
                        revision: call.next_position(),
                    };
                    let insert = workflow::Entity::insert(workflow.clone().into_active_model());
                    insert.exec_without_returning(call.db()).await?;
                    write_version(call, &permit, id, version_id, &draft.document).await?;
                    hooks::save(call, &permit, id, &draft, &sealer, &clock).await?;
                    call.publish(Change::Workflow(Arc::new(workflow.clone())));
                    call.created(&workflow);
                    Ok(workflow)
                })
            })
            .await
    }
}
