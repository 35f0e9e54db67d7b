use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::frame::Attachment;

/// A header, query parameter or form field: `["name", "value"]`. Repeated names are repeated entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Header<'a>(
    #[serde(borrow)] pub Cow<'a, str>,
    #[serde(borrow)] pub Cow<'a, str>,
);

/// The effect `http.request`, answered with an [`HttpResponse`] whatever the status, or with an error when there is no
/// response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HttpRequest<'a> {
    /// In capitals, e.g. `GET`.
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    /// Absolute, `http` or `https`, without user and password.
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// Parameters that the host encodes and appends to the query of `url`.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<Header<'a>>,
    /// Header names are case-insensitive. `Host`, `Content-Length`, `Connection` and `Transfer-Encoding` are the host's.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header<'a>>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Attachment>,
    /// The slot of the credential that the host puts on the request.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Cow<'a, str>>,
    /// Milliseconds for the whole exchange; the host's default and maximum apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Most bytes of response body; the host's default and maximum apply. A longer body is the error
    /// `TOO_LARGE`, unless `truncate` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Cut a body that is too long at `maxBytes`; the response then says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncate: bool,
    /// Whether the host follows redirects, to its own maximum. Without it a redirect is the response.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub follow_redirects: bool,
    /// Sent as the header `Idempotency-Key` unless the request has one, and tells the host that the request may be sent
    /// again when its fate is unknown.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<Cow<'a, str>>,
    /// The other side does this request only once however often it comes, by something that is in it already, such as a
    /// parameter: it may be sent again when its fate is unknown. Nothing is added to it, unlike with `idempotencyKey`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
    /// How the response's body comes back.
    #[serde(default, skip_serializing_if = "ResponseBody::is_attached")]
    pub response_body: ResponseBody,
    /// With the response body `auto`: text up to this many bytes is attached. Default 1 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach_bytes: Option<u64>,
}

impl<'a> HttpRequest<'a> {
    /// A request without anything optional, which follows redirects.
    pub fn new(method: impl Into<Cow<'a, str>>, url: impl Into<Cow<'a, str>>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            credential: None,
            timeout_ms: None,
            max_bytes: None,
            truncate: false,
            follow_redirects: true,
            idempotency_key: None,
            repeatable: false,
            response_body: ResponseBody::Attached,
            attach_bytes: None,
        }
    }

    /// [`attach_bytes`](Self::attach_bytes), or its default.
    pub fn attach_bytes(&self) -> u64 {
        self.attach_bytes.unwrap_or(1 << 20)
    }
}

fn yes() -> bool {
    true
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_yes(value: &bool) -> bool {
    *value
}

/// How the body of a response comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ResponseBody {
    /// With the response.
    #[default]
    Attached,
    /// Stored by the host; the response names it.
    Blob,
    /// Attached when it [is text](is_text) and not longer than `attachBytes`, otherwise stored.
    Auto,
}

impl ResponseBody {
    fn is_attached(&self) -> bool {
        *self == Self::Attached
    }
}

/// The answer to an [`HttpRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HttpResponse<'a> {
    /// 100 to 599.
    pub status: u16,
    /// In the order received, names in lower case. Bytes that are not UTF-8 are read as Latin-1.
    #[serde(borrow)]
    pub headers: Vec<Header<'a>>,
    /// The body, absent when it is empty or stored. The host asks for no compression and undoes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Attachment>,
    /// Where the body is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<BlobRef>,
    /// Whether the body was cut at the `maxBytes` of the request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// What was asked last, after redirects, without credentials in it.
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// Milliseconds from the request until the body was complete.
    pub duration_ms: u64,
}

/// Bytes that the host keeps beside a run, by reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BlobRef {
    /// `blob_…`.
    pub id: String,
    /// Length in bytes.
    pub size: u64,
    /// As received, or `application/octet-stream`.
    pub content_type: String,
    /// Hex digest.
    pub sha256: String,
}

/// Whether a body of this content type is text for [`ResponseBody::Auto`]: `text/*`, JSON, XML, forms, JavaScript, YAML and
/// types with the suffixes `+json`, `+xml` and `+yaml`. A body without a content type counts as text, so that a host looks
/// whether it is UTF-8.
pub fn is_text(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return essence.is_empty();
    };
    let name = subtype.rsplit('+').next().unwrap_or(subtype);
    let name = name.strip_prefix("x-").unwrap_or(name);
    kind == "text"
        || matches!(
            name,
            "json"
                | "xml"
                | "yaml"
                | "ndjson"
                | "jsonl"
                | "json-seq"
                | "javascript"
                | "ecmascript"
                | "graphql"
                | "www-form-urlencoded"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optional_member_is_absent_on_the_wire() {
        let request = HttpRequest::new("GET", "https://example.com");
        let json = serde_json::to_string(&request).unwrap();
        assert_eq!(json, r#"{"method":"GET","url":"https://example.com"}"#);
        assert_eq!(serde_json::from_str::<HttpRequest>(&json).unwrap(), request);
    }

    #[test]
    fn decoding_borrows() {
        let json = r#"{"status":200,"headers":[["content-type","text/plain"]],"url":"https://example.com/","durationMs":3}"#;
        let response: HttpResponse = serde_json::from_str(json).unwrap();
        assert!(matches!(
            &response.headers[0],
            Header(Cow::Borrowed(_), Cow::Borrowed(_))
        ));
        assert!(matches!(response.url, Cow::Borrowed(_)));
    }

    #[test]
    fn text_is_told_by_the_content_type() {
        for text in [
            "",
            "text/csv",
            "application/json; charset=utf-8",
            "application/problem+JSON",
            "image/svg+xml",
        ] {
            assert!(is_text(text), "{text}");
        }
        for text in [
            "application/x-www-form-urlencoded",
            "application/x-ndjson",
            "application/xml",
        ] {
            assert!(is_text(text), "{text}");
        }
        for binary in [
            "image/png",
            "application/pdf",
            "application/octet-stream",
            "multipart/form-data",
            "json",
        ] {
            assert!(!is_text(binary), "{binary}");
        }
    }
}
