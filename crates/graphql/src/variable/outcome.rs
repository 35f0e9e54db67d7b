use async_graphql::Result;
use jackfield_storage::variable;
use jackfield_workflows::VariableError;

use super::Variable;
use crate::errors::{UserError, internal};

/// Tells what the caller has to change from what went wrong inside.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn outcome(
    result: Result<variable::Variable, VariableError>,
) -> Result<(Option<Variable>, Vec<UserError>)> {
    match result {
        Ok(row) => Ok((Some(Variable(row)), Vec::new())),
        Err(VariableError::Rejected(problems)) => {
            Ok((None, problems.into_iter().map(UserError::from).collect()))
        }
        Err(VariableError::NotFound) => Ok((None, vec![unknown_variable()])),
        Err(error) => Err(internal(error)),
    }
}

/// The user error for an id that stands for no variable.
pub fn unknown_variable() -> UserError {
    UserError::not_found("variableId", "variable")
}
