use std::time::Duration;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Request, code};
use serde::de::DeserializeOwned;

/// Slack's Web API, <https://docs.slack.dev/apis/web-api/>. It says with `ok` whether something was done, whatever the status, and
/// knows no idempotency keys. Its limits come with `Retry-After`.
fn api() -> Api {
    let errors = Errors::new()
        .ok_at("ok")
        .code("error")
        .message("errors[0]")
        .message("response_metadata.messages[0]")
        .message("error")
        .retry_codes(&[
            "ratelimited",
            "rate_limited",
            "internal_error",
            "service_unavailable",
            "request_timeout",
            "team_added_to_org",
        ])
        .credential_codes(&[
            "not_authed",
            "invalid_auth",
            "account_inactive",
            "token_revoked",
            "token_expired",
        ])
        .wait(429, Duration::from_secs(1));
    Api::new("https://slack.com/api").errors(errors)
}

/// A call of one of the API's methods, such as `chat.postMessage`.
pub(crate) fn request(
    context: &Context,
    method: &str,
    arguments: &impl Serialize,
) -> Result<Request> {
    let request = api().request(context, "POST", &format!("/{method}"))?;
    Ok(request.form(arguments))
}

/// Sends it and reads the answer.
pub(crate) async fn fetch<T: DeserializeOwned>(request: Request) -> Result<T> {
    api().fetch(request).await.map_err(advised)
}

/// Slack's errors are names. What can be done about them is said here.
const ADVICE: &[(&str, &str)] = &[
    (
        "CHANNEL_NOT_FOUND",
        "Slack shows the app no such channel: check its name or id, and invite the app where it is private.",
    ),
    (
        "NOT_IN_CHANNEL",
        "Invite the app into the channel with /invite.",
    ),
    ("IS_ARCHIVED", "The channel is archived."),
    ("NAME_TAKEN", "There is a channel with this name already."),
    (
        "INVALID_NAME_SPECIALS",
        "Names of channels have small letters, digits, hyphens and underscores.",
    ),
    (
        "INVALID_NAME_PUNCTUATION",
        "Names of channels do not consist of punctuation.",
    ),
    (
        "INVALID_NAME_MAXLENGTH",
        "Names of channels have at most 80 characters.",
    ),
    (
        "MESSAGE_NOT_FOUND",
        "There is no message with this timestamp in the channel.",
    ),
    (
        "INVALID_NAME",
        "Slack does not know this name: an emoji has one such as `white_check_mark`, a channel small letters without blanks.",
    ),
    ("NO_TEXT", "The message has neither text nor blocks."),
    (
        "RESTRICTED_ACTION",
        "The workspace's settings do not let the app do this.",
    ),
    (
        "CREDENTIAL",
        "Slack does not take the token: install the app again, and give the connected app its new token.",
    ),
];

fn advised(mut error: Error) -> Error {
    let known = ADVICE.iter().find(|(name, _)| *name == error.code);
    let advice = match error.code.as_str() {
        "MISSING_SCOPE" => scopes(&error),
        // Without an answer of Slack the host has said what is wrong.
        code::CREDENTIAL if error.data.is_none() => None,
        _ => known.map(|(_, advice)| (*advice).to_owned()),
    };
    if let Some(advice) = advice {
        error.message = format!("{} {advice}", error.message);
    }
    error
}

/// What the token may not do, as Slack says it.
fn scopes(error: &Error) -> Option<String> {
    let data: Value = serde_json::from_str(error.data.as_ref()?.get()).ok()?;
    let needed = data["needed"].as_str()?;
    Some(format!(
        "The token needs the scope {needed}: add it to the app at Slack, and install the app again."
    ))
}
