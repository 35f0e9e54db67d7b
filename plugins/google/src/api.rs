use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Options, code};

/// Google Calendar, <https://developers.google.com/workspace/calendar/api/v3/reference>.
pub(crate) fn calendar() -> Api {
    Api::new("https://www.googleapis.com/calendar/v3").errors(errors())
}

/// Google Sheets, <https://developers.google.com/workspace/sheets/api/reference/rest>.
pub(crate) fn sheets() -> Api {
    Api::new("https://sheets.googleapis.com/v4").errors(errors())
}

/// Google Drive, where spreadsheets are found.
pub(crate) fn drive() -> Api {
    Api::new("https://www.googleapis.com/drive/v3").errors(errors())
}

/// Calendar says with 403 that it is asked too often: <https://developers.google.com/workspace/calendar/api/guides/errors>.
fn errors() -> Errors {
    Errors::google()
        .code("error")
        .message("error_description")
        .retry_codes(&["rateLimitExceeded", "userRateLimitExceeded", "backendError"])
}

/// Whether somebody's access does not go so far. The credential itself is good.
pub(crate) fn is_beyond_access(error: &Error) -> bool {
    matches!(
        error.code.as_str(),
        "INSUFFICIENT_PERMISSIONS"
            | "INSUFFICIENT_PERMISSION"
            | "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
            | "ACCESS_NOT_CONFIGURED"
            | "SERVICE_DISABLED"
    )
}

/// No choices where the access does not go so far as to list them: the value can be written all the same.
pub(crate) fn or_no_choices(loaded: Result<Options>) -> Result<Options> {
    match loaded {
        Err(error) if is_beyond_access(&error) => Ok(Options::default()),
        loaded => loaded,
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}

/// A text of a config that is written out: an expression says nothing before there is a run.
pub(crate) fn written<'a>(config: &'a Value, member: &str) -> Option<&'a str> {
    let text = config[member].as_str()?.trim();
    Some(text).filter(|text| !text.is_empty() && !text.contains("{{"))
}
