use async_graphql::Result;
use jackfield_connected_apps::AppError;
use jackfield_storage::connected_app;

use super::ConnectedApp;
use crate::errors::{UserError, internal};

/// Tells what the caller has to change from what went wrong inside.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn outcome(
    result: Result<connected_app::ConnectedApp, AppError>,
) -> Result<(Option<ConnectedApp>, Vec<UserError>)> {
    match result {
        Ok(app) => Ok((Some(ConnectedApp(app)), Vec::new())),
        Err(AppError::Rejected(problems)) => {
            Ok((None, problems.into_iter().map(UserError::from).collect()))
        }
        Err(AppError::NotFound) => Ok((None, vec![unknown_app()])),
        Err(error) => Err(internal(error)),
    }
}

/// The user error for an id that stands for no connected app.
pub fn unknown_app() -> UserError {
    UserError::not_found("connectedAppId", "connected app")
}
