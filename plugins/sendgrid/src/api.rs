use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Response, code};

/// Says when a limit ends, in seconds since 1970.
const RESET: &str = "X-RateLimit-Reset";

/// SendGrid's API, <https://www.twilio.com/docs/sendgrid/api-reference>. The connected app's settings may say `region: "eu"` for a
/// regional subuser, and `subuser` for one that is acted for. It knows no idempotency key: a mail that may have been sent is not sent
/// again unless the workflow says so.
pub(crate) fn api() -> Api {
    let errors = Errors::new()
        .message("errors[0].message")
        .reset_header(RESET);
    Api::new("https://api.sendgrid.com")
        .base_when("region", "eu", "https://api.eu.sendgrid.com")
        .header("Accept", "application/json")
        .header_from("on-behalf-of", "subuser")
        .errors(errors)
}

/// An answer that is needed with its headers; otherwise all that SendGrid says is wrong, field by field.
pub(crate) fn success(response: Response) -> Result<Response> {
    let (status, body, reset) = (
        response.status(),
        response.json::<Value>().ok(),
        response.reset_after(RESET),
    );
    let host = response
        .url()
        .split('/')
        .nth(2)
        .unwrap_or_default()
        .to_owned();
    response.success().map_err(|mut error| {
        let errors = body.as_ref().and_then(|body| body["errors"].as_array());
        let told: Vec<String> = errors.into_iter().flatten().filter_map(told).collect();
        if status == 401 {
            code::CREDENTIAL.clone_into(&mut error.code);
        }
        error.message = match told.is_empty() {
            true => format!("{host} answered {status}."),
            false => format!("{host} answered {status}: {}", told.join(" ")),
        };
        if error.retryable && error.retry_after_ms.is_none() {
            error.retry_after_ms = reset.and_then(|reset| u64::try_from(reset.as_millis()).ok());
        }
        error
    })
}

/// What is wrong, and with what.
fn told(error: &Value) -> Option<String> {
    let message = error["message"].as_str()?.trim();
    let stop = if message.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    Some(match error["field"].as_str() {
        Some(field) if !message.contains(field) => format!("{field}: {message}{stop}"),
        _ => format!("{message}{stop}"),
    })
}
