use jackfield_storage::connected_app::ConnectedApp;
use jackfield_storage::ids::{ConnectedAppId, WorkflowVersionId};
use jackfield_storage::workflow_version::WorkflowVersion;

use super::WorkflowError;
use crate::definition::Document;
use crate::file::{Format, WorkflowFile};

/// A version that becomes a file which a repository can hold, once the names are known that are in it.
pub struct Export {
    version: WorkflowVersionId,
    document: Document,
}

impl Export {
    /// The file of a version.
    ///
    /// # Errors
    ///
    /// When the version cannot be read.
    pub fn of(version: &WorkflowVersion) -> Result<Self, WorkflowError> {
        let document = document(version)?;
        Ok(Self {
            version: version.id,
            document,
        })
    }

    /// The connected apps that are in it by their names.
    pub fn apps(&self) -> Vec<ConnectedAppId> {
        let nodes = self.document.nodes.iter();
        nodes
            .filter_map(|node| node.connected_app_id.as_ref()?.parse().ok())
            .collect()
    }

    /// The file, for a workflow that has this name now, with those of the apps that there are.
    ///
    /// # Errors
    ///
    /// When it cannot be written in that format.
    pub fn write(
        &self,
        name: &str,
        apps: &[ConnectedApp],
        format: Format,
    ) -> Result<String, WorkflowError> {
        WorkflowFile::of(name, &self.document, apps)
            .write(format)
            .map_err(|message| WorkflowError::Damaged(self.version, message))
    }
}

/// The definition of a version as it is written.
pub(super) fn document(version: &WorkflowVersion) -> Result<Document, WorkflowError> {
    version
        .definition
        .parse()
        .map_err(|error| WorkflowError::Damaged(version.id, error.to_string()))
}
