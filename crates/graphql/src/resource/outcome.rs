use async_graphql::Result;
use jackfield_connected_apps::AppError;
use jackfield_storage::resource;

use super::Resource;
use crate::errors::{UserError, internal};

/// Tells what the caller has to change from what went wrong inside.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn outcome(
    result: Result<resource::Resource, AppError>,
) -> Result<(Option<Resource>, Vec<UserError>)> {
    match result {
        Ok(row) => Ok((Some(Resource(row)), Vec::new())),
        Err(error) => Ok((None, refused(error)?)),
    }
}

/// What the caller has to change.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn refused(error: AppError) -> Result<Vec<UserError>> {
    match error {
        AppError::Rejected(problems) => Ok(problems.into_iter().map(UserError::from).collect()),
        AppError::NotFound => Ok(vec![unknown_resource()]),
        error => Err(internal(error)),
    }
}

/// The user error for an id that stands for no resource.
pub fn unknown_resource() -> UserError {
    UserError::not_found("resourceId", "resource")
}
