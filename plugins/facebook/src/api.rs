use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Request, code};

/// The version of the API where the connected app names none. Each lives for two years:
/// <https://developers.facebook.com/docs/graph-api/changelog/versions>.
const VERSION: &str = "v25.0";

/// What the connected app's settings say.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    version: Option<String>,
    /// The WhatsApp Business account whose numbers and templates there are to choose from.
    pub(crate) business_account_id: Option<String>,
}

impl Settings {
    pub(crate) fn of(context: &Context) -> Result<Self> {
        match context.credential() {
            Some(app) => app.settings(),
            None => Err(Error::new(code::NO_CREDENTIAL, "Choose a connected app.")),
        }
    }
}

/// A request of the Graph API, <https://developers.facebook.com/docs/graph-api>. It knows no idempotency keys: a message or post that
/// may be out is not sent again unless the workflow says so.
pub(crate) fn request(context: &Context, method: &str, path: &str) -> Result<Request> {
    let version = Settings::of(context)?.version;
    let version = checked(version.as_deref().unwrap_or(VERSION))?;
    api().request(context, method, &format!("/{version}{path}"))
}

/// Sends a request.
pub(crate) async fn send(request: Request) -> Result<Value> {
    api().send(request).await.map_err(told)
}

/// Errors: <https://developers.facebook.com/docs/graph-api/guides/error-handling>. Limits come with status 400 or 403:
/// <https://developers.facebook.com/docs/graph-api/overview/rate-limiting>,
/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>.
fn api() -> Api {
    let errors = Errors::new()
        .fault_at("error")
        .code("error.code")
        .message("error.message")
        .retry_codes(&[
            "1", "2", "4", "17", "32", "341", "613", "80001", "80006", "80007", "130429", "131016",
            "131056", "133004",
        ])
        .credential_codes(&["102", "190"]);
    Api::new("https://graph.facebook.com").errors(errors)
}

/// The error with what Meta adds to its sentence, and whether Meta itself calls it transient.
fn told(mut error: Error) -> Error {
    let body: Option<Value> = error
        .data
        .as_ref()
        .and_then(|data| serde_json::from_str(data.get()).ok());
    let Some(said) = body.as_ref().map(|body| &body["error"]) else {
        return error;
    };
    for more in [&said["error_user_msg"], &said["error_data"]["details"]] {
        let more = more.as_str().map(str::trim).unwrap_or_default();
        if !more.is_empty() && !error.message.contains(more.trim_end_matches('.')) {
            error.message += &format!(" {}.", more.trim_end_matches('.'));
        }
    }
    error.retryable |= said["is_transient"] == true;
    error
}

/// It has to be a version and nothing else, for it is a part of the path.
fn checked(version: &str) -> Result<&str> {
    let numbers = version
        .strip_prefix('v')
        .and_then(|version| version.split_once('.'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match numbers {
        Some((major, minor)) if is_number(major) && is_number(minor) => Ok(version),
        _ => Err(invalid(format!(
            "version in the settings of the connected app is no version of the Graph API: write it as in {VERSION}."
        ))),
    }
}

/// An id of Meta's, which has to stay within its segment of the path.
pub(crate) fn id<'a>(member: &str, id: &'a str) -> Result<&'a str> {
    let id = id.trim();
    match !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(id),
        false => Err(invalid(format!(
            "{member} is no id of Meta's, which has digits only, such as 106540352242922."
        ))),
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_ids_stay_within_their_segments() {
        assert_eq!(checked("v26.0").unwrap(), "v26.0");
        for wrong in ["", "26.0", "v26", "v26.0/me", "v.0", "v26.x"] {
            assert_eq!(
                checked(wrong).unwrap_err().to_string(),
                "INVALID_CONFIG: version in the settings of the connected app is no version of the Graph API: write it as in v25.0."
            );
        }
        assert_eq!(id("page", " 4711 ").unwrap(), "4711");
        for wrong in ["", "me", "4711/feed", ".."] {
            assert!(id("page", wrong).is_err(), "{wrong}");
        }
    }
}
