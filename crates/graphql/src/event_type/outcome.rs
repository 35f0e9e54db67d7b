use async_graphql::Result;
use jackfield_webhooks::event_type::EventTypeError;

use crate::errors::{UserError, internal};

/// Tells what the caller has to change from what went wrong inside.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn outcome<T>(result: Result<T, EventTypeError>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(EventTypeError::Rejected(problems)) => {
            Ok((None, problems.into_iter().map(UserError::from).collect()))
        }
        Err(EventTypeError::NotFound) => Ok((None, vec![unknown_type()])),
        Err(error) => Err(internal(error)),
    }
}

/// The user error for an id that stands for no type.
pub fn unknown_type() -> UserError {
    UserError::not_found("eventTypeId", "event type")
}
