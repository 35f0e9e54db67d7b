//! WePay's API 3.0: <https://dev.wepay.com/docs/link-integration/api-basics>.

use std::time::Duration;

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use serde_json::value::to_raw_value;

/// The version whose requests and answers this plugin knows.
const VERSION: &str = "3.0";

/// Errors have an `error_code`, an `error_message`, and `details` of each field. An endpoint takes 30 requests of an account in ten seconds.
pub(crate) fn api() -> Api {
    let errors = Errors::new()
        .code("error_code")
        .message("details[0].message")
        .message("error_message")
        .credential_codes(&["NOT_AUTHORIZED"])
        .wait(429, Duration::from_secs(10));
    Api::new("https://api.wepay.com")
        .base_when("sandbox", true, "https://stage-api.wepay.com")
        .header("Api-Version", VERSION)
        .errors(errors)
}

/// Has WePay do something once for each `Unique-Key`.
pub(crate) async fn post(context: &Context, path: &str, body: &Value) -> Result<Value> {
    let request = api().request(context, "POST", path)?;
    let request = request.header("Unique-Key", &context.effect_key(path));
    let answer = api().send(request.repeatable().json(body)).await?;
    match answer["status"].as_str() {
        Some("pending" | "completed") => Ok(answer),
        status => Err(refused(status, &answer)),
    }
}

/// A payment or refund that was taken in, and not made.
fn refused(status: Option<&str>, answer: &Value) -> Error {
    let mut error = match status {
        Some(status) => {
            let why = &answer["failure_reason"];
            let why = why["message"].as_str().or(why["reason_code"].as_str());
            let why = why.or(answer["failure_reason"].as_str());
            let why = why.unwrap_or("it does not say why");
            Error::new(
                status.to_ascii_uppercase(),
                format!("WePay says {status}: {}.", why.trim_end_matches('.')),
            )
        }
        None => Error::new(
            code::UNEXPECTED_RESPONSE,
            "WePay does not say what became of it: look it up there before it is tried again.",
        ),
    };
    error.data = to_raw_value(answer).ok();
    error
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
