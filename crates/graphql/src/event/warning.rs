use async_graphql::SimpleObject;
use jackfield_storage::Problem;

use crate::errors::{UserError, UserErrorCode};

/// Something that is wrong with an event that was published all the same, as the workspace's rules have it.
#[derive(Clone, Debug, SimpleObject)]
pub struct PublishWarning {
    /// The path of the field from `input` on, list positions as numbers.
    field: Option<Vec<String>>,
    /// What kind of problem it is.
    code: UserErrorCode,
    /// A sentence for people.
    message: String,
}

impl From<Problem> for PublishWarning {
    fn from(problem: Problem) -> Self {
        let UserError {
            field,
            code,
            message,
        } = problem.into();
        Self {
            field,
            code,
            message,
        }
    }
}
