use std::time::Duration;

use jackfield_plugin_sdk::encode_form;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Request, code};
use serde::de::DeserializeOwned;

use crate::account::account;

/// Twilio's API, <https://www.twilio.com/docs/usage/api>. It knows no idempotency key: a message or call that may have been made is
/// not made again unless the workflow says so.
pub(crate) fn api() -> Api {
    at("https://api.twilio.com")
}

/// Lookups: <https://www.twilio.com/docs/lookup/v2-api>.
pub(crate) fn lookups() -> Api {
    at("https://lookups.twilio.com")
}

/// Messaging services: <https://www.twilio.com/docs/messaging/api/service-resource>.
pub(crate) fn messaging() -> Api {
    at("https://messaging.twilio.com")
}

/// Errors are either `{code, message, more_info, status}` or problem details (RFC 9457):
/// <https://www.twilio.com/docs/usage/twilios-response>. A message may be refused with 201, and then has an `error_code`.
fn at(base: &str) -> Api {
    let errors = Errors::new()
        .fault_at("error_code")
        .code("code")
        .code("error_code")
        .message("message")
        .message("detail")
        .message("title")
        .message("error_message")
        .wait(429, Duration::from_secs(1));
    Api::new(base)
        .header("Accept", "application/json")
        .errors(errors)
}

/// A request below the account: `path` follows `/2010-04-01/Accounts/AC…/`.
pub(crate) async fn of_account(context: &Context, method: &str, path: &str) -> Result<Request> {
    let account = account(context).await?;
    let path = format!("/2010-04-01/Accounts/{account}/{path}");
    api().request(context, method, &path)
}

/// Has Twilio do something.
pub(crate) async fn post<T: DeserializeOwned>(
    context: &Context,
    path: &str,
    fields: &impl Serialize,
) -> Result<T> {
    let form = form(fields)?;
    let request = of_account(context, "POST", path).await?;
    let request = request.body(form, "application/x-www-form-urlencoded");
    api().fetch(request).await
}

/// A form in which lists repeat their name.
fn form(fields: &impl Serialize) -> Result<String> {
    let fields = serde_json::to_value(fields)
        .map_err(|error| invalid(format!("The request cannot be written: {error}.")))?;
    let mut pairs = Vec::new();
    for (name, value) in fields.as_object().into_iter().flatten() {
        let values = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            pairs.push(encode_form(&json!({ name: value }))?);
        }
    }
    pairs.retain(|pair| !pair.is_empty());
    Ok(pairs.join("&"))
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_repeat_their_name() {
        let fields = json!({"To": "+1", "MediaUrl": ["https://a.b/?c=d", "e"], "Body": null, "Record": true, "None": []});
        assert_eq!(
            form(&fields).unwrap(),
            "To=%2B1&MediaUrl=https%3A%2F%2Fa.b%2F%3Fc%3Dd&MediaUrl=e&Record=true"
        );
    }
}
