use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use url::Url;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status of the last hop.
    pub status: StatusCode,
    /// The headers of the last hop.
    pub headers: HeaderMap,
    /// The body as it was sent: a `Content-Encoding` is still on it.
    pub body: Bytes,
    /// Whether the body was cut off at the size that the request accepts.
    pub truncated: bool,
    /// The URL of the last hop as the caller knows it, without what a gate changed.
    pub url: Url,
}
