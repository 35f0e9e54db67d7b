//! Errors of requests: what a client did wrong or may not do has a stable code and a sentence; what went wrong inside
//! is logged, and the client sees only the id of the request under which it was. Mistakes in the *content* of a mutation's input are not
//! errors of the request: they are [`user::UserError`]s in its payload.

mod user;

use std::fmt::Display;

use async_graphql::{Error, ErrorExtensions as _};
use jackfield_storage::access::Denied;

pub use user::{UserError, UserErrorCode};

/// The stable codes in `extensions.code` of a top-level error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema, or its variables do not.
    ValidationFailed,
    /// The document exceeds a limit.
    TooComplex,
    /// No document has the id that was sent.
    DocumentNotFound,
    /// The hash that was sent in place of a document is not known: the client sends it again with the document.
    PersistedQueryNotFound,
    /// The document is none of those that this server executes.
    DocumentNotTrusted,
    /// A query took longer than the server allows.
    TimedOut,
    /// The request carries no token, or one that is not accepted.
    Unauthenticated,
    /// The principal's role does not suffice.
    Forbidden,
    /// Something that was named does not exist.
    NotFound,
    /// An argument cannot be used.
    BadUserInput,
    /// The request itself is malformed.
    BadRequest,
    /// A follower was too slow; it resumes from its cursor.
    TooSlow,
    /// There were too many attempts; `extensions.retryAfter` says how many seconds to wait.
    TooManyRequests,
    /// The server is busy or going away; the request can be sent again.
    Unavailable,
    /// Something failed inside; the message names the id under which it was logged.
    Internal,
}

impl Code {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::TooComplex => "TOO_COMPLEX",
            Self::DocumentNotFound => "DOCUMENT_NOT_FOUND",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::TimedOut => "TIMED_OUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadRequest => "BAD_REQUEST",
            Self::TooSlow => "TOO_SLOW",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// An error of this code.
    pub fn error(self, message: impl Into<String>) -> Error {
        Error::new(message).extend_with(|_, extensions| extensions.set("code", self.as_str()))
    }
}

/// The request carries no principal.
pub fn unauthenticated() -> Error {
    Code::Unauthenticated
        .error("Send an API key, a session token or a JWT as `Authorization: Bearer …`.")
}

/// The principal's role does not suffice.
pub fn denied(denied: &Denied) -> Error {
    Code::Forbidden.error(denied.to_string())
}

/// Logs what went wrong inside; the client sees only the id of the request, under which the log has it.
pub fn internal(error: impl Display) -> Error {
    tracing::error!(%error, "a resolver failed");
    Code::Internal.error(
        "Something went wrong inside the server. Its log has the details under this request id.",
    )
}
