use std::time::Duration;

use jackfield_plugin_abi::messages::{CallError, code};
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::value_at;
use crate::{Response, Result};

/// Where a provider says what went wrong, and what it means. Paths are dotted: `Fault.Error[0].code`.
///
/// An answer is a failure from status 400 on, and where [`ok_at`](Self::ok_at) or [`fault_at`](Self::fault_at) say so. It is
/// worth another try when its status says so (408, 425, 429, 5xx), unless the provider says otherwise. The waiting time
/// comes from `Retry-After` in both forms, `retry-after-ms`, or the header that
/// [`reset_header`](Self::reset_header) names.
///
/// ```
/// use jackfield_plugin_sdk::rest::Errors;
///
/// // Slack answers 200 and {"ok": false, "error": "channel_not_found"}.
/// let slack = Errors::new().ok_at("ok").code("error").message("error")
///     .retry_codes(&["ratelimited", "internal_error"])
///     .credential_codes(&["invalid_auth", "token_revoked"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Errors {
    ok: Option<(String, Value)>,
    fault: Vec<String>,
    codes: Vec<String>,
    messages: Vec<String>,
    retry_codes: Vec<String>,
    retry_statuses: Vec<u16>,
    final_codes: Vec<String>,
    credential_codes: Vec<String>,
    retry_headers: Vec<String>,
    reset_headers: Vec<String>,
    waits: Vec<(u16, Duration)>,
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

impl Errors {
    /// Nothing but the status says that something went wrong.
    pub fn new() -> Self {
        Self::default()
    }

    /// What all of Google's APIs say, <https://google.aip.dev/193>: the reason, in `errors` where an API is older than that, or else
    /// the status.
    pub fn google() -> Self {
        Self::new()
            .code("error.errors[0].reason")
            .code("error.details[0].reason")
            .code("error.status")
            .message("error.message")
            .retry_codes(&["RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"])
            .credential_codes(&["API_KEY_INVALID"])
    }

    /// An answer whose member here is not `true` is a failure, whatever its status.
    #[must_use]
    pub fn ok_at(self, path: &str) -> Self {
        self.ok_is(path, true)
    }

    /// An answer whose member here is not this is a failure, whatever its status.
    #[must_use]
    pub fn ok_is(mut self, path: &str, value: impl Into<Value>) -> Self {
        self.ok = Some((path.to_owned(), value.into()));
        self
    }

    /// An answer that has something here (no empty list or text) is a failure, whatever its status.
    #[must_use]
    pub fn fault_at(mut self, path: &str) -> Self {
        self.fault.push(path.to_owned());
        self
    }

    /// Where the provider's name for the error is. The first that is there counts.
    #[must_use]
    pub fn code(mut self, path: &str) -> Self {
        self.codes.push(path.to_owned());
        self
    }

    /// Where the text for people is. The first that is there counts.
    #[must_use]
    pub fn message(mut self, path: &str) -> Self {
        self.messages.push(path.to_owned());
        self
    }

    /// Codes that may pass, whatever the status.
    #[must_use]
    pub fn retry_codes(mut self, codes: &[&str]) -> Self {
        self.retry_codes.extend(owned(codes));
        self
    }

    /// Statuses that may pass beside the usual ones, such as 409 where the provider has locked something.
    #[must_use]
    pub fn retry_statuses(mut self, statuses: &[u16]) -> Self {
        self.retry_statuses.extend(statuses);
        self
    }

    /// Codes that do not pass, whatever the status.
    #[must_use]
    pub fn final_codes(mut self, codes: &[&str]) -> Self {
        self.final_codes.extend(owned(codes));
        self
    }

    /// Codes that mean that the credential is refused, as status 401 does.
    #[must_use]
    pub fn credential_codes(mut self, codes: &[&str]) -> Self {
        self.credential_codes.extend(owned(codes));
        self
    }

    /// A header in which the provider says `true` or `false`, such as `stripe-should-retry`.
    #[must_use]
    pub fn retry_header(mut self, name: &str) -> Self {
        self.retry_headers.push(name.to_owned());
        self
    }

    /// A header that says when the limit ends, in seconds since 1970 or from now, such as `X-Rate-Limit-Reset`.
    #[must_use]
    pub fn reset_header(mut self, name: &str) -> Self {
        self.reset_headers.push(name.to_owned());
        self
    }

    /// How long to wait after this status where no header says it.
    #[must_use]
    pub fn wait(mut self, status: u16, time: Duration) -> Self {
        self.waits.push((status, time));
        self
    }

    /// The body of an answer that is none of a failure.
    pub(super) fn check(&self, response: &Response, success: &[u16], body: Value) -> Result<Value> {
        let status = response.status();
        let is_bad = status >= 400 && !success.contains(&status);
        match is_bad || self.is_fault(&body) {
            true => Err(self.failure(response, &body)),
            false => Ok(body),
        }
    }

    fn is_fault(&self, body: &Value) -> bool {
        let is_there = |path: &String| match value_at(body, path) {
            None => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        };
        let not_ok = |(path, ok): &(String, Value)| value_at(body, path) != Some(ok);
        self.ok.as_ref().is_some_and(not_ok) || self.fault.iter().any(is_there)
    }

    fn failure(&self, response: &Response, body: &Value) -> CallError {
        let status = response.status();
        let given = first_text(body, &self.codes);
        let known = |codes: &[String]| given.as_ref().is_some_and(|given| codes.contains(given));
        let host = response.url().split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let message = match first_text(body, &self.messages) {
            Some(text) => format!("{host} answered {status}: {}", sentence(&text)),
            None => format!("{host} answered {status}."),
        };
        let name = match &given {
            _ if status == 401 || known(&self.credential_codes) => code::CREDENTIAL.to_owned(),
            Some(given) => error_code(given).unwrap_or_else(|| format!("HTTP_{status}")),
            None => format!("HTTP_{status}"),
        };
        let mut error = CallError::new(name, message);
        let said = self
            .retry_headers
            .iter()
            .find_map(|name| match response.header(name)?.trim() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            });
        error.retryable = said.unwrap_or_else(|| {
            let is_final = known(&self.final_codes);
            let may_pass = response.is_worth_retrying() || self.retry_statuses.contains(&status);
            known(&self.retry_codes) || (may_pass && !is_final)
        });
        let wait = self.wait_of(response).filter(|_| error.retryable);
        error.retry_after_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        error.data = (!body.is_null()).then(|| to_raw_value(body).ok()).flatten();
        error
    }

    fn wait_of(&self, response: &Response) -> Option<Duration> {
        let reset = |name: &String| response.reset_after(name);
        let fixed = |&&(status, _): &&(u16, Duration)| status == response.status();
        response
            .retry_after()
            .or_else(|| self.reset_headers.iter().find_map(reset))
            .or_else(|| self.waits.iter().find(fixed).map(|(_, wait)| *wait))
    }
}

fn first_text(body: &Value, paths: &[String]) -> Option<String> {
    paths.iter().find_map(|path| match value_at(body, path)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// `card_declined` is CARD_DECLINED, `21211` is ERROR_21211; a whole sentence is no name.
fn error_code(given: &str) -> Option<String> {
    if given.len() > 64 || given.contains(". ") {
        return None;
    }
    let mut name = String::new();
    let mut after_lower = false;
    for character in given.chars() {
        if !character.is_ascii_alphanumeric() {
            if !name.ends_with('_') {
                name.push('_');
            }
        } else {
            if after_lower && character.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(character.to_ascii_uppercase());
        }
        after_lower = character.is_ascii_lowercase();
    }
    let name = name.trim_matches('_');
    match name.chars().next()? {
        '0'..='9' => Some(format!("ERROR_{name}")),
        _ => Some(name.to_owned()),
    }
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?']) {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_in_one_way() {
        let names = [
            "card_declined",
            "21211",
            "invalidGrant",
            "validation_error.missing",
            "rate-limit",
            "A b. C d",
            "…",
        ]
        .map(error_code);
        let names = names.map(|name| name.unwrap_or_default());
        assert_eq!(
            names,
            [
                "CARD_DECLINED",
                "ERROR_21211",
                "INVALID_GRANT",
                "VALIDATION_ERROR_MISSING",
                "RATE_LIMIT",
                "",
                ""
            ]
        );
    }
}
