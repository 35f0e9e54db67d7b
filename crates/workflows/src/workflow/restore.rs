use jackfield_storage::access::{EditWorkflows, Permit};
use jackfield_storage::ids::WorkflowId;
use jackfield_storage::workflow::{self, Workflow};
use jackfield_storage::{Problem, ProblemCode, workflow_version};

use super::export::document;
use super::{SaveWorkflow, WorkflowError, Workflows};
use crate::definition::Diff;

impl Workflows {
    /// Makes an older version the draft again, as a new version with the same definition. When the draft is the same
    /// already, nothing is written. What is published stays as it is.
    ///
    /// Secrets of webhooks are not part of a version: those that are kept now stay.
    pub async fn restore(
        &self,
        permit: &Permit<EditWorkflows>,
        id: WorkflowId,
        number: i32,
    ) -> Result<Workflow, WorkflowError> {
        let (db, read) = (self.0.store.reader(), permit.read());
        let workflow = workflow::find(db, &read, id).await?;
        let workflow = workflow.ok_or(WorkflowError::NotFound(id))?;
        let mut found = workflow_version::numbered(db, &read, &[(id, number)]).await?;
        let Some(version) = found.pop() else {
            let message = format!("the workflow has no version {number}");
            let problem = Problem::new(["number"], ProblemCode::NotFound, message);
            return Err(WorkflowError::Rejected(vec![problem]));
        };
        if let Some(draft) = workflow.draft_version_id
            && let Some(draft) = workflow_version::find(db, &read, draft).await?
            && Diff::between(&document(&draft)?, &document(&version)?).is_empty()
        {
            return Ok(workflow);
        }
        let save = SaveWorkflow {
            workflow_id: id,
            name: None,
            definition: Some(version.definition.value()),
        };
        self.save(permit, save).await
    }
}
