use std::sync::Arc;
use std::time::Duration;

use jackfield_plugin_abi::frame::Frame;
use jackfield_plugin_abi::messages::{
    CallError, EffectKind, Header, HttpRequest, ResponseBody, code,
};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Response, encode_form};
use crate::Result;
use crate::call::{Ask, Wire};

/// Makes requests; from [`Context::http`](crate::Context::http).
#[derive(Clone)]
pub struct Http {
    wire: Arc<Wire>,
    step_key: Arc<str>,
}

/// A request that is being put together, and sent with [`send`](Self::send).
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    wire: Arc<Wire>,
    step_key: Arc<str>,
    message: HttpRequest<'static>,
    body: Option<Vec<u8>>,
    mistake: Option<CallError>,
}

impl Http {
    pub(crate) fn new(wire: Arc<Wire>, step_key: Arc<str>) -> Self {
        Self { wire, step_key }
    }

    /// Any method, in capitals.
    pub fn request(&self, method: &str, url: &str) -> Request {
        Request {
            wire: self.wire.clone(),
            step_key: self.step_key.clone(),
            message: HttpRequest::new(method.to_owned(), url.to_owned()),
            body: None,
            mistake: None,
        }
    }

    /// GET.
    pub fn get(&self, url: &str) -> Request {
        self.request("GET", url)
    }

    /// POST.
    pub fn post(&self, url: &str) -> Request {
        self.request("POST", url)
    }

    /// PUT.
    pub fn put(&self, url: &str) -> Request {
        self.request("PUT", url)
    }

    /// PATCH.
    pub fn patch(&self, url: &str) -> Request {
        self.request("PATCH", url)
    }

    /// DELETE.
    pub fn delete(&self, url: &str) -> Request {
        self.request("DELETE", url)
    }

    /// HEAD.
    pub fn head(&self, url: &str) -> Request {
        self.request("HEAD", url)
    }
}

impl Request {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let header = Header(name.to_owned().into(), value.to_owned().into());
        self.message.headers.push(header);
        self
    }

    /// Whether it has this header already. The host adds those of the credential later.
    pub fn has_header(&self, name: &str) -> bool {
        let named = |header: &Header<'_>| header.0.eq_ignore_ascii_case(name);
        self.message.headers.iter().any(named)
    }

    /// Adds a query parameter, which the host encodes and appends to the URL.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let parameter = Header(name.to_owned().into(), value.to_owned().into());
        self.message.query.push(parameter);
        self
    }

    /// Sets a query parameter, instead of those of this name that were added before.
    pub fn set_query(mut self, name: &str, value: &str) -> Self {
        self.message.query.retain(|parameter| parameter.0 != name);
        self.query(name, value)
    }

    /// Adds the members of an object as query parameters: what is null or an empty list not at all, the items of a list with
    /// `separator` between them.
    pub fn query_members<T: Serialize + ?Sized>(mut self, of: &T, separator: &str) -> Self {
        match serde_json::to_value(of) {
            Ok(Value::Object(members)) => members.iter().fold(self, |request, (name, value)| {
                match parameter(value, separator) {
                    Some(text) => request.query(name, &text),
                    None => request,
                }
            }),
            _ => {
                let mistake =
                    CallError::new(code::INVALID_REQUEST, "Only an object has members to send.");
                self.mistake = self.mistake.or(Some(mistake));
                self
            }
        }
    }

    /// The same request to another URL, without query parameters that were added.
    pub fn at(mut self, url: &str) -> Self {
        self.message.url = url.to_owned().into();
        self.message.query.clear();
        self
    }

    /// The host puts the credential of this slot on the request; `default` is the node's connected app.
    pub fn credential(mut self, slot: &str) -> Self {
        self.message.credential = Some(slot.to_owned().into());
        self
    }

    /// Limits the whole exchange.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.message.timeout_ms = Some(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Limits the response's body; a longer one is the error [`code::TOO_LARGE`].
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.message.max_bytes = Some(bytes);
        self
    }

    /// Cuts a body that is too long, instead of failing.
    pub fn truncate(mut self) -> Self {
        self.message.truncate = true;
        self
    }

    /// Whether the host follows redirects; it does unless told otherwise.
    pub fn follow_redirects(mut self, follow: bool) -> Self {
        self.message.follow_redirects = follow;
        self
    }

    /// Says that the other side honours `Idempotency-Key`, which is sent: the request may be sent again when its fate is
    /// unknown. [`Context::idempotency_key`](crate::Context::idempotency_key) is made for this.
    pub fn idempotency_key(mut self, key: &str) -> Self {
        self.message.idempotency_key = Some(key.to_owned().into());
        self
    }

    /// Like [`idempotency_key`](Self::idempotency_key), with a key of the step's own: the same on every attempt, another for
    /// each effect. It is made of the step's key, the method, the URL, and how many such requests the call made before.
    pub fn idempotent(self) -> Self {
        let key = self.effect_key();
        self.idempotency_key(&key)
    }

    /// Sends a key as [`idempotent`](Self::idempotent) makes it, in a query parameter and in no header.
    pub fn idempotent_by(self, query: &str) -> Self {
        let key = self.effect_key();
        self.query(query, &key).repeatable()
    }

    /// Says that the other side does this request only once however often it comes, by something that is in it already,
    /// such as an order's number: it may be sent again when its fate is unknown. Nothing is added to it.
    pub fn repeatable(mut self) -> Self {
        self.message.repeatable = true;
        self
    }

    fn effect_key(&self) -> String {
        let (method, url) = (&self.message.method, &self.message.url);
        self.wire
            .effect_key(&self.step_key, &format!("{method} {url}"))
    }

    /// How the response's body comes back; attached unless told otherwise.
    pub fn response_body(mut self, how: ResponseBody) -> Self {
        self.message.response_body = how;
        self
    }

    /// With [`ResponseBody::Auto`]: text up to this many bytes is attached, longer text is stored. 1 MiB unless given.
    pub fn attach_bytes(mut self, bytes: u64) -> Self {
        self.message.attach_bytes = Some(bytes);
        self
    }

    /// Sends these bytes. `content_type` counts unless there is such a header.
    pub fn body(mut self, bytes: impl Into<Vec<u8>>, content_type: &str) -> Self {
        self.body = Some(bytes.into());
        if self.has_header("content-type") {
            return self;
        }
        self.header("content-type", content_type)
    }

    /// Sends JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let body = serde_json::to_vec(value).map_err(|error| {
            let message = format!("The body is no JSON: {error}.");
            CallError::new(code::INVALID_REQUEST, message)
        });
        self.encoded(body, "application/json")
    }

    /// Sends a form, as [`encode_form`] writes it.
    pub fn form<T: Serialize + ?Sized>(self, fields: &T) -> Self {
        let body = encode_form(fields).map(String::into_bytes);
        self.encoded(body, "application/x-www-form-urlencoded")
    }

    fn encoded(mut self, body: Result<Vec<u8>>, content_type: &str) -> Self {
        match body {
            Ok(body) => self.body(body, content_type),
            Err(mistake) => {
                self.mistake = self.mistake.or(Some(mistake));
                self
            }
        }
    }

    /// Sends it and waits for the whole response, whatever its status.
    ///
    /// # Errors
    /// When there is no response: the codes `TIMEOUT`, `CONNECT`, `DNS`, `TLS`, `FORBIDDEN_ADDRESS`, `TOO_LARGE`,
    /// `CREDENTIAL` … of [`code`]. They are already classified: return them as they are.
    pub async fn send(self) -> Result<Response> {
        let Self {
            wire,
            mut message,
            body,
            mistake,
            step_key: _,
        } = self;
        if let Some(mistake) = mistake {
            return Err(mistake);
        }
        let read = |json: &RawValue, frame: &Frame<'_>| Response::read(json, frame);
        let effect = move |attachments: &mut jackfield_plugin_abi::frame::Attachments| {
            message.body = body.map(|body| attachments.attach_owned(body));
            EffectKind::HttpRequest(message)
        };
        Ask::new(wire, effect, read).await
    }
}

/// A value as it stands in a query.
fn parameter(value: &Value, separator: &str) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items = items.iter().filter_map(|item| parameter(item, separator));
            let items: Vec<String> = items.collect();
            (!items.is_empty()).then(|| items.join(separator))
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_stand_in_a_query_with_what_separates_them() {
        let text = |value: Value| parameter(&value, "|");
        assert_eq!(
            text(json!(["a", 1, null, true])).as_deref(),
            Some("a|1|true")
        );
        assert_eq!(text(json!(13.5)).as_deref(), Some("13.5"));
        assert_eq!((text(json!(null)), text(json!([]))), (None, None));
    }
}
