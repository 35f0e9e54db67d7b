use async_graphql::Result;
use jackfield_workflows::WorkflowError;

use crate::errors::{UserError, internal};

/// Tells what the caller has to change from what went wrong inside.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn outcome<T>(result: Result<T, WorkflowError>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(WorkflowError::Rejected(problems)) => {
            Ok((None, problems.into_iter().map(UserError::from).collect()))
        }
        Err(WorkflowError::NotFound(_)) => Ok((None, vec![unknown_workflow()])),
        Err(error) => Err(internal(error)),
    }
}

/// The user error for an id that stands for no workflow.
pub fn unknown_workflow() -> UserError {
    UserError::not_found("workflowId", "workflow")
}
