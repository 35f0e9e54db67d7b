use std::time::Duration;

use jackfield_plugin_abi::frame::{Frame, FrameError};
use jackfield_plugin_abi::messages::{BlobRef, CallError, HttpResponse, code};
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

use super::retry;
use crate::Result;

/// A response, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    blob: Option<BlobRef>,
    truncated: bool,
    url: String,
    duration: Duration,
}

impl Response {
    pub(crate) fn read(json: &RawValue, frame: &Frame<'_>) -> Result<Self, FrameError> {
        let message: HttpResponse<'_> =
            serde_json::from_str(json.get()).map_err(FrameError::Json)?;
        let body = message
            .body
            .map(|body| frame.attachment(body))
            .transpose()?;
        let headers = message.headers.into_iter();
        Ok(Self {
            status: message.status,
            headers: headers
                .map(|header| (header.0.into_owned(), header.1.into_owned()))
                .collect(),
            body: body.unwrap_or_default().to_vec(),
            blob: message.blob,
            truncated: message.truncated,
            url: message.url.into_owned(),
            duration: Duration::from_millis(message.duration_ms),
        })
    }

    /// 100 to 599.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// In the order received, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The body; empty when it is [stored](Self::blob).
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// Where the body is stored, if it is.
    pub fn blob(&self) -> Option<&BlobRef> {
        self.blob.as_ref()
    }

    /// Whether the body was cut.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// What was asked last, after redirects.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From the request until the body was complete.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// The body as text, without a byte order mark. Latin-1 when the content type says so, otherwise UTF-8; what is neither
    /// is replaced by U+FFFD.
    pub fn text(&self) -> String {
        let content_type = self
            .header("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if ["iso-8859-1", "latin1", "windows-1252"]
            .iter()
            .any(|latin| content_type.contains(latin))
        {
            return self.body.iter().copied().map(char::from).collect();
        }
        let text = self
            .body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.body);
        String::from_utf8_lossy(text).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`code::UNEXPECTED_RESPONSE`] when it is no `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let text = self
            .body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.body);
        serde_json::from_slice(text).map_err(|error| {
            let place = self.place();
            let message = format!(
                "{place} answered {} with a body that is not as expected: {error}.",
                self.status
            );
            CallError::new(code::UNEXPECTED_RESPONSE, message)
        })
    }

    /// Itself, unless the status is 400 or above.
    ///
    /// # Errors
    /// `HTTP_404` and the like, retryable as [`is_worth_retrying`](Self::is_worth_retrying) says, with the body where that
    /// is JSON.
    pub fn success(self) -> Result<Self> {
        if self.status < 400 {
            return Ok(self);
        }
        let message = format!("{} answered {}.", self.place(), self.status);
        let mut error = CallError::new(format!("HTTP_{}", self.status), message);
        error.retryable = self.is_worth_retrying();
        error.retry_after_ms = self
            .retry_after()
            .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        error.data = serde_json::from_slice::<&RawValue>(&self.body)
            .ok()
            .and_then(|body| to_raw_value(body).ok());
        Err(error)
    }

    /// Whether the same request can get a better answer later: 408, 425, 429 and 5xx without 501 and 505.
    pub fn is_worth_retrying(&self) -> bool {
        retry::is_worth_retrying(self.status)
    }

    /// How long the other side asks to wait, by `Retry-After` (RFC 9110 section 10.2.3) or `retry-after-ms`.
    pub fn retry_after(&self) -> Option<Duration> {
        retry::retry_after(|name| self.header(name))
    }

    /// How long until the limit ends that a header such as `X-Rate-Limit-Reset` tells: in seconds since 1970, read against
    /// the response's own `Date`, or from now.
    pub fn reset_after(&self, header: &str) -> Option<Duration> {
        retry::reset_after(self.header(header)?, self.header("date"))
    }

    /// The URL without its query, which may hold what should not be shown.
    fn place(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or(&self.url)
    }
}
