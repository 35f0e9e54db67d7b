use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderName, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, Method};
use url::Url;

use crate::error::{EgressError, ErrorCode};

/// A request as a caller asks for it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method of the first hop.
    pub method: Method,
    /// Where the first hop goes.
    pub url: Url,
    /// The headers. Those that belong to the connection (`Connection`, `Content-Length`, …) are left out when sent;
    /// `Host` must name the host of the URL.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// How long everything may take, redirects included; at most and by default the time of the configuration.
    pub timeout: Option<Duration>,
    /// The largest body that is accepted, in bytes; at most and by default the size of the configuration.
    pub max_bytes: Option<usize>,
    /// Whether a larger body is cut off there instead of being the error `TOO_LARGE`.
    pub truncate: bool,
    /// Whether redirects are followed; otherwise the answer is the redirect itself.
    pub follow_redirects: bool,
}

impl Request {
    /// A request without headers and body that follows redirects.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: None,
            max_bytes: None,
            truncate: false,
            follow_redirects: true,
        }
    }
}

/// One hop: what is about to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

/// Headers of the connection, which is not the caller's (RFC 9110 §7.6.1).
const OF_THE_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    TE,
    TRAILER,
    UPGRADE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

impl Outgoing {
    /// Takes out what only the connection may set.
    pub(crate) fn clean(mut self) -> Result<Self, EgressError> {
        for name in &OF_THE_CONNECTION {
            self.headers.remove(name);
        }
        let Some(host) = self.headers.remove(HOST) else {
            return Ok(self);
        };
        if host.as_bytes() == authority(&self.url).as_bytes() {
            return Ok(self);
        }
        Err(EgressError::new(
            ErrorCode::InvalidRequest,
            format!(
                "the header Host must be left out or be {}",
                authority(&self.url)
            ),
        ))
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(headers: &[(&'static str, &'static str)]) -> Outgoing {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        Outgoing {
            method: Method::GET,
            url: "https://example.com/".parse().unwrap(),
            headers,
            body: Bytes::new(),
        }
    }

    #[test]
    fn headers_of_the_connection_are_left_out() {
        let hop = hop(&[
            ("connection", "close"),
            ("content-length", "3"),
            ("transfer-encoding", "chunked"),
            ("host", "example.com"),
            ("x-kept", "1"),
        ]);
        let clean = hop.clean().unwrap();
        assert_eq!(clean.headers.len(), 1);
        assert!(clean.headers.contains_key("x-kept"));
    }

    #[test]
    fn another_host_in_the_header_is_refused() {
        let error = hop(&[("host", "internal.example")]).clean().unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRequest);
    }
}
