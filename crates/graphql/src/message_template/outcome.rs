use async_graphql::{ID, Result};
use jackfield_storage::ids::ResourceId;
use jackfield_storage::message_template;
use jackfield_workflows::message_template::MessageTemplateError;

use super::MessageTemplate;
use crate::errors::{UserError, internal};

/// Tells what the caller has to change from what went wrong inside.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn outcome(
    result: Result<message_template::MessageTemplate, MessageTemplateError>,
) -> Result<(Option<MessageTemplate>, Vec<UserError>)> {
    match result {
        Ok(row) => Ok((Some(MessageTemplate(row)), Vec::new())),
        Err(error) => Ok((None, refused(error)?)),
    }
}

/// What the caller has to change.
///
/// # Errors
///
/// `INTERNAL` when it is not the caller's doing.
pub fn refused(error: MessageTemplateError) -> Result<Vec<UserError>> {
    match error {
        MessageTemplateError::Rejected(problems) => {
            Ok(problems.into_iter().map(UserError::from).collect())
        }
        MessageTemplateError::NotFound => Ok(vec![unknown_template()]),
        error => Err(internal(error)),
    }
}

/// The sender that an input names.
pub fn sender(given: Option<&ID>) -> Result<Option<ResourceId>, UserError> {
    let parsed = given.map(|id| id.parse()).transpose();
    parsed.map_err(|_| UserError::not_found("senderId", "resource"))
}

/// The user error for an id that stands for no message template.
pub fn unknown_template() -> UserError {
    UserError::not_found("messageTemplateId", "message template")
}
