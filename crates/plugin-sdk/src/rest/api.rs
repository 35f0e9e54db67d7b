use jackfield_plugin_abi::messages::{CallError, CredentialSlot, code};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{read, value_of};
use super::{Errors, Paged, Pages};
use crate::{Context, Request, Result};

/// What all operations of a provider have in common.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    bases: Vec<(String, Value, String)>,
    headers: Vec<(String, String)>,
    setting_headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    credential: Option<String>,
    pub(super) forms: bool,
    pub(super) key: Key,
    errors: Errors,
}

/// How the provider is told that a repeated request is the same one.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Unknown,
    Header,
    Query(String),
}

impl Api {
    /// An API at `base`, such as `https://api.example.com/v2`; operations' paths follow it. `{name}` stands for a member of
    /// the connected app's settings. Requests carry the credential of the node's connected app; bodies are JSON.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            bases: Vec::new(),
            headers: Vec::new(),
            setting_headers: Vec::new(),
            query: Vec::new(),
            credential: Some(CredentialSlot::DEFAULT.to_owned()),
            forms: false,
            key: Key::Unknown,
            errors: Errors::new(),
        }
    }

    /// Another base where a member of the connected app's settings has a value, such as a sandbox.
    #[must_use]
    pub fn base_when(mut self, setting: &str, is: impl Into<Value>, base: &str) -> Self {
        self.bases
            .push((setting.to_owned(), is.into(), base.to_owned()));
        self
    }

    /// Sends a header with each request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends a member of the connected app's settings as a header, where it is there and the header is not given.
    #[must_use]
    pub fn header_from(mut self, name: &str, setting: &str) -> Self {
        self.setting_headers
            .push((name.to_owned(), setting.to_owned()));
        self
    }

    /// Sends a query parameter with each request.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Requests carry the credential of another slot.
    #[must_use]
    pub fn credential(mut self, slot: &str) -> Self {
        self.credential = Some(slot.to_owned());
        self
    }

    /// Requests carry no credential.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.credential = None;
        self
    }

    /// Bodies are forms, as [`encode_form`](crate::encode_form) writes them.
    #[must_use]
    pub fn forms(mut self) -> Self {
        self.forms = true;
        self
    }

    /// The provider honours the header `Idempotency-Key`: POST and PATCH send a key of the effect.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.key = Key::Header;
        self
    }

    /// The provider honours a key in this query parameter.
    #[must_use]
    pub fn idempotent_by(mut self, query: &str) -> Self {
        self.key = Key::Query(query.to_owned());
        self
    }

    /// Where the provider's errors are.
    #[must_use]
    pub fn errors(mut self, errors: Errors) -> Self {
        self.errors = errors;
        self
    }

    /// A request of this API, for operations that are code. `path` follows the base and may have `{name}` of settings.
    ///
    /// # Errors
    /// [`code::INVALID_CONFIG`] when the connected app's settings lack a name.
    pub fn request(&self, context: &Context, method: &str, path: &str) -> Result<Request> {
        let request = self.request_with(context, method, path, &[])?;
        self.with_settings(context, request)
    }

    /// A request whose path these values fill first.
    pub(super) fn request_with(
        &self,
        context: &Context,
        method: &str,
        path: &str,
        values: &[(String, String)],
    ) -> Result<Request> {
        let settings = self.settings(context)?;
        let base = self
            .bases
            .iter()
            .find(|(setting, is, _)| settings.get(setting) == Some(is));
        let base = base.map_or(&self.base, |(_, _, base)| base);
        let url = fill(&format!("{base}{path}"), |name| {
            let value = values.iter().find(|(other, _)| other == name);
            value
                .map(|(_, value)| value.clone())
                .or_else(|| text_of(settings.get(name)?))
        })?;
        let mut request = context.http().request(method, &url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        Ok(match &self.credential {
            Some(slot) => request.credential(slot),
            None => request,
        })
    }

    /// The request with the headers that come from settings, but those that it has already.
    pub(super) fn with_settings(&self, context: &Context, mut request: Request) -> Result<Request> {
        if self.setting_headers.is_empty() {
            return Ok(request);
        }
        let settings = self.settings(context)?;
        for (name, setting) in &self.setting_headers {
            let value = settings.get(setting).and_then(text_of);
            if let Some(value) = value.filter(|_| !request.has_header(name)) {
                request = request.header(name, &value);
            }
        }
        Ok(request)
    }

    /// The settings of the connected app.
    fn settings(&self, context: &Context) -> Result<Value> {
        let slot = self.credential.as_deref();
        match slot.and_then(|slot| context.credential_in(slot)) {
            Some(credential) => credential.settings(),
            None => Ok(Value::Null),
        }
    }

    /// Sends a request and returns the answer's body: null when there is none, a text when it is no JSON.
    ///
    /// # Errors
    /// What the provider says went wrong, or why there is no answer.
    pub async fn send(&self, request: Request) -> Result<Value> {
        let response = request.send().await?;
        self.errors.check(&response, &[], value_of(&response))
    }

    /// Sends a request that must not be made twice although the provider knows no keys, such as one that takes money. An error that
    /// leaves open whether it was done says so and is not worth another try. The request is given two thirds of the node's time, so
    /// that the node hears of it when the answer does not come.
    ///
    /// ```
    /// # use jackfield_plugin_sdk::prelude::*;
    /// # use jackfield_plugin_sdk::rest::Api;
    /// # use jackfield_plugin_sdk::testing::{self, Reply};
    /// # #[derive(Config)]
    /// # struct Pay { amount: u64 }
    /// # impl Node for Pay {
    /// #     const TYPE: &'static str = "pay";
    /// #     type Output = Value;
    /// #     fn about() -> About { About::new("Pay") }
    /// async fn run(self, context: Context) -> Result<Value> {
    ///     let api = Api::new("https://api.example.com");
    ///     let request = api.request(&context, "POST", "/payments")?;
    ///     api.send_once(&context, request.json(&json!({"amount": self.amount}))).await
    /// }
    /// # }
    /// # let ran = testing::node::<Pay>(json!({"amount": 1250})).reply(Reply::new(502)).run();
    /// # assert!(!ran.error().retryable);
    /// # assert_eq!(
    /// #     ran.error().message,
    /// #     "api.example.com answered 502. It may have been done all the same: look it up there before it is tried again."
    /// # );
    /// # let ran = testing::node::<Pay>(json!({"amount": 1250})).reply(Reply::new(429)).run();
    /// # assert!(ran.error().retryable);
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_once(&self, context: &Context, request: Request) -> Result<Value> {
        let request = match context.timeout() {
            Some(limit) => request.timeout(limit * 2 / 3),
            None => request,
        };
        let response = request.send().await.map_err(|error| {
            let may_have_arrived = [code::TIMEOUT, code::PROTOCOL, code::TOO_LARGE];
            match may_have_arrived.contains(&error.code.as_str()) {
                true => unsettled(error),
                false => error,
            }
        })?;
        let is_open = response.status() >= 500 || response.status() == 408;
        let answer = self.errors.check(&response, &[], value_of(&response));
        answer.map_err(|error| if is_open { unsettled(error) } else { error })
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// As [`send`](Self::send), and when the answer is no `T`.
    pub async fn fetch<T: DeserializeOwned>(&self, request: Request) -> Result<T> {
        read(self.send(request).await?)
    }

    /// Follows the pages of a list, beginning with this request.
    pub fn pages(&self, request: Request, pages: Pages) -> Paged {
        Paged::new(self.clone(), request, pages)
    }

    pub(super) fn failures(&self) -> &Errors {
        &self.errors
    }
}

/// An error that leaves open whether the request was done.
fn unsettled(mut error: CallError) -> CallError {
    let stop = if error.message.ends_with('.') {
        ""
    } else {
        "."
    };
    error.message = format!(
        "{}{stop} It may have been done all the same: look it up there before it is tried again.",
        error.message
    );
    error.retryable = false;
    error.retry_after_ms = None;
    error
}

/// A setting as it stands in a request; null is as good as absent.
fn text_of(setting: &Value) -> Option<String> {
    match setting {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// Fills `{name}` with percent-encoded values.
///
/// # Errors
/// [`code::INVALID_CONFIG`] when a name has no value.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = value(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                let message = format!("{name} is missing: the address of the request needs it.");
                CallError::new(code::INVALID_CONFIG, message)
            })?;
        filled.push_str(before);
        filled.push_str(&encode_segment(&value));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Percent-encodes what is not unreserved (RFC 3986 section 2.3), so that a value stays within its segment. The two dot
/// segments are no names of anything and would change the path.
fn encode_segment(value: &str) -> String {
    if value.chars().all(|character| character == '.') {
        return "%2E".repeat(value.len());
    }
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_within_their_segment() {
        let filled = |value: &str| fill("/v4/{range}:append", |_| Some(value.to_owned())).unwrap();
        assert_eq!(filled("Sheet 1!A:C"), "/v4/Sheet%201%21A%3AC:append");
        assert_eq!(
            filled("../../admin?x=#"),
            "/v4/..%2F..%2Fadmin%3Fx%3D%23:append"
        );
        assert_eq!(filled(".."), "/v4/%2E%2E:append");
        assert_eq!(
            fill("/v1/{id}", |_| None).unwrap_err().to_string(),
            "INVALID_CONFIG: id is missing: the address of the request needs it."
        );
    }
}
