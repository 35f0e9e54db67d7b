use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::ConnectedAppId;
use jackfield_storage::workflow_version::WorkflowVersion;
use jackfield_storage::{connected_app, workflow};

use super::{WorkflowError, Workflows};
use crate::definition::Document;
use crate::file::{Format, WorkflowFile};

impl Workflows {
    /// A version as a file that a repository can hold. The name is the one that the workflow has now.
    pub async fn export(
        &self,
        permit: &Permit<Read>,
        version: &WorkflowVersion,
        format: Format,
    ) -> Result<String, WorkflowError> {
        let db = self.0.store.reader();
        let workflows = workflow::find_many(db, permit, &[version.workflow_id]).await?;
        let name = workflows.first().map(|workflow| workflow.name.as_str());
        let document = document(version)?;
        let ids: Vec<ConnectedAppId> = document
            .nodes
            .iter()
            .filter_map(|node| node.connected_app_id.as_ref()?.parse().ok())
            .collect();
        let apps = connected_app::find_many(db, permit, &ids).await?;
        let file = WorkflowFile::of(name.unwrap_or_default(), &document, &apps);
        file.write(format)
            .map_err(|message| WorkflowError::Damaged(version.id, message))
    }
}

/// The definition of a version as it is written.
pub(super) fn document(version: &WorkflowVersion) -> Result<Document, WorkflowError> {
    version
        .definition
        .parse()
        .map_err(|error| WorkflowError::Damaged(version.id, error.to_string()))
}
