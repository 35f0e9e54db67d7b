use std::error::Error as StdError;
use std::fmt;

use url::Url;

/// Why a request was not sent or not answered. The names are stable: they show up in step errors and in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The host is, or resolves to, an address that egress does not reach.
    ForbiddenAddress,
    /// A redirect leads from `https` to `http`, or to something that is not HTTP.
    ForbiddenRedirect,
    /// The URL has no host, another scheme than `http` or `https`, or carries a user name or password.
    InvalidUrl,
    /// A header that belongs to the connection was set by hand.
    InvalidRequest,
    /// The name of the host does not resolve.
    Dns,
    /// No connection could be made.
    Connect,
    /// The connection could not be secured.
    Tls,
    /// The answer did not arrive in time.
    Timeout,
    /// The answer is larger than the request accepts, or a message larger than the other side does.
    TooLarge,
    /// The redirects did not end.
    TooManyRedirects,
    /// The connection broke, or the answer is not HTTP.
    Protocol,
    /// The caller's [`Gate`](crate::Gate) refused a hop.
    Refused,
    /// A broker does not accept the credentials, or does not let their holder do this.
    Unauthorized,
}

impl ErrorCode {
    /// The stable spelling, for example `FORBIDDEN_ADDRESS`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ForbiddenAddress => "FORBIDDEN_ADDRESS",
            Self::ForbiddenRedirect => "FORBIDDEN_REDIRECT",
            Self::InvalidUrl => "INVALID_URL",
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::Dns => "DNS",
            Self::Connect => "CONNECT",
            Self::Tls => "TLS",
            Self::Timeout => "TIMEOUT",
            Self::TooLarge => "TOO_LARGE",
            Self::TooManyRedirects => "TOO_MANY_REDIRECTS",
            Self::Protocol => "PROTOCOL",
            Self::Refused => "REFUSED",
            Self::Unauthorized => "UNAUTHORIZED",
        }
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn retryable(self) -> bool {
        matches!(
            self,
            Self::Dns | Self::Connect | Self::Timeout | Self::Protocol
        )
    }

    /// Whether the other side may have acted on the request although no answer arrived.
    pub fn may_have_arrived(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::Protocol
                | Self::TooLarge
                | Self::TooManyRedirects
                | Self::ForbiddenRedirect
        )
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request that failed. The message names the host and the remedy. It never holds a query, a user name or a
/// password of the URL, a header, or an address that a name resolved to (that would map an internal network).
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct EgressError {
    code: ErrorCode,
    message: String,
}

impl EgressError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The error of a [`Gate`](crate::Gate) that does not let a hop pass.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Refused, message)
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}

/// The part of a URL that is safe to show: scheme, host and port.
pub(crate) fn shown(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{}://{host}:{port}", url.scheme()),
        (Some(host), None) => format!("{}://{host}", url.scheme()),
        (None, _) => format!("{}:", url.scheme()),
    }
}

/// An I/O error hides what it wraps from `source`.
pub(crate) fn within<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => match io.get_ref() {
            Some(inner) => within(inner),
            None => error,
        },
        None => error,
    }
}

/// The innermost message: the outer ones repeat the URL.
pub(crate) fn deepest(error: &(dyn StdError + 'static)) -> String {
    let mut error = within(error);
    while let Some(source) = error.source() {
        error = within(source);
    }
    error.to_string()
}
