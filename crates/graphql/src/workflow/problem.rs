use async_graphql::SimpleObject;
use jackfield_storage::Problem;

use crate::errors::UserErrorCode;

/// Something that is wrong with a version now, though it was right when it was saved.
#[derive(SimpleObject)]
pub struct WorkflowProblem {
    /// The path from `definition` on, list positions as numbers.
    field: Vec<String>,
    /// What kind of problem it is.
    code: UserErrorCode,
    /// A sentence for people that says what to do.
    message: String,
}

impl From<Problem> for WorkflowProblem {
    fn from(problem: Problem) -> Self {
        Self {
            field: problem.field,
            code: problem.code.into(),
            message: problem.message,
        }
    }
}
