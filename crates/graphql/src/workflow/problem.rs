use async_graphql::{ComplexObject, SimpleObject};
use jackfield_storage::workflow_version;
use jackfield_workflows::VersionProblem;

use super::version::WorkflowVersion;
use crate::errors::UserErrorCode;

/// Something that is wrong with a version now, though it was right when it was saved.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct WorkflowProblem {
    /// The path from `definition` on, list positions as numbers.
    field: Vec<String>,
    /// The key of the node that it is about; null when it is about the whole definition.
    node_key: Option<String>,
    /// What kind of problem it is.
    code: UserErrorCode,
    /// A sentence for people that says what is wrong.
    message: String,
    /// A sentence for people that says what to do.
    remedy: String,
    #[graphql(skip)]
    of: workflow_version::WorkflowVersion,
}

#[ComplexObject]
impl WorkflowProblem {
    /// The version that it is a problem of.
    async fn version(&self) -> WorkflowVersion {
        self.of.clone().into()
    }
}

impl WorkflowProblem {
    /// A problem of that version.
    pub fn of(version: &workflow_version::WorkflowVersion, found: VersionProblem) -> Self {
        Self {
            field: found.problem.field,
            node_key: found.node_key,
            code: found.problem.code.into(),
            message: found.problem.message,
            remedy: found.remedy,
            of: version.clone(),
        }
    }
}
