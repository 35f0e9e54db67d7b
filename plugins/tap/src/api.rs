//! Tap's API: <https://developers.tap.company/reference/api-endpoint>. A charge or refund that did not succeed comes with status 200, and
//! says so in `status` and `response`.

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use serde_json::value::to_raw_value;

/// Errors: <https://developers.tap.company/reference/errors>.
pub(crate) fn api() -> Api {
    let errors = Errors::new()
        .fault_at("errors")
        .code("errors[0].code")
        .message("errors[0].description")
        .message("errors[0].message");
    Api::new("https://api.tap.company").errors(errors)
}

/// Has Tap do something once for each key in the body, <https://developers.tap.company/docs/idempotency>: within 24 hours the same key
/// gets the first answer again.
pub(crate) async fn post(
    context: &Context,
    path: &str,
    what: &str,
    body: &Value,
    done: &[&str],
) -> Result<Value> {
    let mut body = body.clone();
    body["reference"]["idempotent"] = context.effect_key(what).into();
    let request = api().request(context, "POST", path)?;
    let answer = api().send(request.repeatable().json(&body)).await?;
    match answer["status"].as_str() {
        Some(status) if done.contains(&status) => Ok(answer),
        status => Err(refused(status, &answer)),
    }
}

/// A charge or refund that was not made.
fn refused(status: Option<&str>, answer: &Value) -> Error {
    let response = &answer["response"];
    let why = response["message"]
        .as_str()
        .unwrap_or("Tap does not say why");
    let reason = response["code"].as_str();
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    let mut error = match status {
        Some(status) => Error::new(status, format!("Tap says {status}: {why}{reason}.")),
        None => Error::new(
            code::UNEXPECTED_RESPONSE,
            "Tap does not say what became of it: look it up there before it is tried again.",
        ),
    };
    if matches!(status, Some("UNKNOWN" | "TIMEDOUT" | "TIMED_OUT")) {
        error.message +=
            " It may have been done all the same: look it up there before it is tried again.";
    }
    error.data = to_raw_value(answer).ok();
    error
}

/// Members that are there.
pub(crate) fn present(members: &[(&str, Value)]) -> Value {
    let there = members.iter().filter(|(_, value)| !value.is_null());
    let there = there.map(|(name, value)| ((*name).to_owned(), value.clone()));
    Value::Object(there.collect())
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
