use std::time::Duration;

use jackfield_plugin_abi::frame::{Attachments, Frame};
use jackfield_plugin_abi::messages::{
    Answer, BlobRef, CallError, ExampleResponse, Header, HttpRequest, HttpResponse, ResponseBody,
    code, is_text,
};
use serde::Serialize;
use serde_json::Value;

/// What the scripted outside world answers.
#[derive(Clone, Debug)]
pub struct Reply(Result<Content, CallError>);

#[derive(Clone, Debug)]
struct Content {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    url: Option<String>,
}

impl Reply {
    /// A response without a body.
    pub fn new(status: u16) -> Self {
        Self(Ok(Content {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            url: None,
        }))
    }

    /// A response with JSON.
    ///
    /// # Panics
    /// When `body` cannot be JSON.
    pub fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Self {
        let body = serde_json::to_vec(body).expect("a body that can be JSON");
        Self::bytes(status, "application/json", &body)
    }

    /// A response with a body.
    pub fn bytes(status: u16, content_type: &str, body: &[u8]) -> Self {
        let mut reply = Self::new(status).header("content-type", content_type);
        reply.edit(|content| content.body = body.to_vec());
        reply
    }

    /// With these bytes as the body, whatever the headers say.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        self.edit(|content| content.body = bytes.to_vec());
        self
    }

    /// No response.
    pub fn error(error: CallError) -> Self {
        Self(Err(error))
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.edit(|content| {
            content
                .headers
                .push((name.to_ascii_lowercase(), value.to_owned()))
        });
        self
    }

    /// The response comes from elsewhere, after redirects.
    #[must_use]
    pub fn redirected_to(mut self, url: &str) -> Self {
        self.edit(|content| content.url = Some(url.to_owned()));
        self
    }

    fn edit(&mut self, change: impl FnOnce(&mut Content)) {
        if let Ok(content) = &mut self.0 {
            change(content);
        }
    }

    /// Answers as a host does: caps, cuts and stores the body as the request asks for. `asked` is the whole URL.
    pub(super) fn answer(
        self,
        request: &HttpRequest<'_>,
        asked: String,
        attachments: &mut Attachments,
    ) -> Result<Answer<'static>, CallError> {
        let mut content = self.0?;
        let cap = request.max_bytes.unwrap_or(u64::MAX);
        let truncated = content.body.len() as u64 > cap;
        if truncated && !request.truncate {
            let message = format!("The response is larger than {cap} bytes.");
            return Err(CallError::new(code::TOO_LARGE, message));
        }
        content
            .body
            .truncate(usize::try_from(cap).unwrap_or(usize::MAX));
        let blob = content.is_stored(request).then(|| content.blob());
        let body =
            (blob.is_none() && !content.body.is_empty()).then(|| attachments.attach(&content.body));
        let headers = content.headers.into_iter();
        Ok(Answer::Http(HttpResponse {
            status: content.status,
            headers: headers
                .map(|(name, value)| Header(name.into(), value.into()))
                .collect(),
            body,
            blob,
            truncated,
            url: content.url.unwrap_or(asked).into(),
            duration_ms: ExampleResponse::DURATION_MS,
        }))
    }
}

impl Content {
    fn content_type(&self) -> &str {
        let named = self.headers.iter().find(|(name, _)| name == "content-type");
        named.map_or("", |(_, value)| value)
    }

    fn is_stored(&self, request: &HttpRequest<'_>) -> bool {
        let is_text = match self.content_type() {
            "" => std::str::from_utf8(&self.body).is_ok(),
            content_type => is_text(content_type),
        };
        let is_attached = is_text && self.body.len() as u64 <= request.attach_bytes();
        match request.response_body {
            ResponseBody::Attached => false,
            ResponseBody::Blob => !self.body.is_empty(),
            ResponseBody::Auto => !self.body.is_empty() && !is_attached,
        }
    }

    fn blob(&self) -> BlobRef {
        let content_type = match self.content_type() {
            "" => "application/octet-stream",
            known => known,
        };
        BlobRef {
            id: "blob_test".to_owned(),
            size: self.body.len() as u64,
            content_type: content_type.to_owned(),
            sha256: "0".repeat(64),
        }
    }
}

/// A request that the node sent, before a host would have put a credential on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    /// In capitals.
    pub method: String,
    /// As the node gave it, without `query`.
    pub url: String,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there is none.
    pub body: Vec<u8>,
    /// The slot of the credential.
    pub credential: Option<String>,
    /// The limit of time.
    pub timeout: Option<Duration>,
    /// The limit of the response's body, in bytes.
    pub max_bytes: Option<u64>,
    /// Whether redirects are followed.
    pub follow_redirects: bool,
    /// What the host would send as `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// Whether the plugin says that it may be sent again when its fate is unknown.
    pub repeatable: bool,
}

impl SentRequest {
    /// # Panics
    /// When the request points outside its frame.
    pub(super) fn new(request: &HttpRequest<'_>, frame: &Frame<'_>) -> Self {
        let body = request
            .body
            .map(|body| frame.attachment(body).expect("a body in the frame"));
        let pairs = |headers: &[Header<'_>]| -> Vec<(String, String)> {
            headers
                .iter()
                .map(|pair| (pair.0.to_string(), pair.1.to_string()))
                .collect()
        };
        let mut headers = pairs(&request.headers);
        headers
            .iter_mut()
            .for_each(|(name, _)| name.make_ascii_lowercase());
        Self {
            method: request.method.to_string(),
            url: request.url.to_string(),
            query: pairs(&request.query),
            headers,
            body: body.unwrap_or_default().to_vec(),
            credential: request.credential.as_ref().map(ToString::to_string),
            timeout: request.timeout_ms.map(Duration::from_millis),
            max_bytes: request.max_bytes,
            follow_redirects: request.follow_redirects,
            idempotency_key: request.idempotency_key.as_ref().map(ToString::to_string),
            repeatable: request.repeatable,
        }
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The pairs of a form in the body.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The URL with the query parameters, as the host would ask for it.
    pub fn whole_url(&self) -> String {
        if self.query.is_empty() {
            return self.url.clone();
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query);
        let separator = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.url, query.finish())
    }

    /// The body as text.
    ///
    /// # Panics
    /// When it is no UTF-8.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body that is UTF-8")
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body that is JSON")
    }
}
