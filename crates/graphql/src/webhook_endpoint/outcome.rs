use async_graphql::Result;
use jackfield_webhooks::outbound::OutboundError;

use crate::errors::{UserError, internal};

/// Tells what the caller has to change from what went wrong inside. `unknown` is said when there is no such thing.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn outcome<T>(
    result: Result<T, OutboundError>,
    unknown: fn() -> UserError,
) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(OutboundError::Rejected(problems)) => {
            Ok((None, problems.into_iter().map(UserError::from).collect()))
        }
        Err(OutboundError::NotFound) => Ok((None, vec![unknown()])),
        Err(error) => Err(internal(error)),
    }
}

/// The user error for an id that stands for no endpoint.
pub fn unknown_endpoint() -> UserError {
    UserError::not_found("webhookEndpointId", "webhook endpoint")
}
