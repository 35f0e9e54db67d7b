use std::time::Duration;

use http::{HeaderValue, StatusCode};
use jackfield_egress::EgressError;
use jackfield_plugin_host::messages::CallError;
use serde::Deserialize;
use url::Url;

use crate::{code, secret::Secret};

/// Why there is no access token. The sentence names the server and what it said, and nothing that was sent.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct TokenError {
    code: &'static str,
    message: String,
    /// Whether the same may succeed later without anybody changing anything.
    retryable: bool,
}

/// What a token endpoint has given.
pub(crate) struct Granted {
    pub access: Secret,
    /// What new tokens are asked for with, if there is such a thing.
    pub refresh: Option<Secret>,
    /// How long the access token lasts, if the server says so.
    pub lifetime: Option<Duration>,
}

impl TokenError {
    /// The token endpoint was reached, and wants something else.
    pub(crate) fn is_refusal(&self) -> bool {
        self.code == code::TOKEN_REFUSED && !self.retryable
    }

    /// What went wrong, for people.
    pub(crate) fn unusable(code: &'static str, message: String) -> Self {
        Self {
            code,
            message,
            retryable: false,
        }
    }

    /// The same, for what may succeed later.
    pub(crate) fn passing(code: &'static str, message: String) -> Self {
        Self {
            code,
            message,
            retryable: true,
        }
    }
}

/// What `token_type` says of tokens that are sent as bearer tokens. Slack names whose they are.
const BEARER: [&str; 3] = ["bearer", "bot", "user"];

#[derive(Deserialize)]
struct Answer {
    access_token: Secret,
    #[serde(default)]
    refresh_token: Option<Secret>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Reads the answer of the token endpoint at `url`.
pub(super) fn read(url: &Url, status: StatusCode, body: &[u8]) -> Result<Granted, TokenError> {
    // Slack refuses with a status of 200 and `"ok": false`.
    if !status.is_success() || says_no(body) {
        return Err(refusal(url, status, body));
    }
    let unusable = |what: &str| TokenError {
        code: code::TOKEN_REFUSED,
        message: format!("the token endpoint {} {what}", place(url)),
        retryable: false,
    };
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| unusable("did not answer with an access token"))?;
    let kind = answer.token_type;
    let is_bearer = |kind: String| BEARER.contains(&kind.to_ascii_lowercase().as_str());
    if kind.is_some_and(|kind| !is_bearer(kind)) {
        return Err(unusable("gave a token that is no bearer token"));
    }
    if HeaderValue::from_str(answer.access_token.expose()).is_err() {
        return Err(unusable("gave a token that cannot be sent in a header"));
    }
    Ok(Granted {
        access: answer.access_token,
        refresh: answer.refresh_token,
        lifetime: answer.expires_in.as_ref().and_then(seconds),
    })
}

/// `expires_in` is a number; some servers write it as a string.
fn seconds(value: &serde_json::Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(seconds))
}

fn says_no(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Slack {
        ok: bool,
    }
    serde_json::from_slice(body).is_ok_and(|answer: Slack| !answer.ok)
}

/// Whether the server does not know the client, which may be because it looks for the proof elsewhere. Meta, which looks into the
/// form alone, tells that with an object in place of the code of RFC 6749, section 5.2.
pub(super) fn is_invalid_client(status: StatusCode, body: &[u8]) -> bool {
    let may_be = |refusal: serde_json::Value| match &refusal["error"] {
        serde_json::Value::String(code) => code == "invalid_client",
        told => told.is_object(),
    };
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
        && serde_json::from_slice(body).is_ok_and(may_be)
}

/// Names the error code of RFC 6749, section 5.2, and nothing else of the answer, which might repeat what was sent.
fn refusal(url: &Url, status: StatusCode, body: &[u8]) -> TokenError {
    let known = serde_json::from_slice(body)
        .ok()
        .map(|refusal: Refusal| refusal.error)
        .filter(|error| {
            error.len() <= 40
                && error
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
    let said = known.map_or_else(String::new, |error| format!(" with `{error}`"));
    let retryable = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    let remedy = match retryable {
        true => "",
        false => ": check the client or account, its secret, and the scope",
    };
    let (place, status) = (place(url), status.as_u16());
    TokenError {
        code: code::TOKEN_REFUSED,
        message: format!("the token endpoint {place} answered {status}{said}{remedy}"),
        retryable,
    }
}

fn place(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl From<EgressError> for TokenError {
    fn from(error: EgressError) -> Self {
        Self {
            code: error.code().as_str(),
            message: format!("no access token: {error}"),
            retryable: error.code().retryable(),
        }
    }
}

impl From<TokenError> for CallError {
    fn from(error: TokenError) -> Self {
        let failed = Self::new(error.code, error.message);
        match error.retryable {
            true => failed.retryable(),
            false => failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_be_looked_for_elsewhere_where_it_is_not_known() {
        let bad = StatusCode::BAD_REQUEST;
        let is_unknown = |status, body: &str| is_invalid_client(status, body.as_bytes());
        assert!(is_unknown(
            StatusCode::UNAUTHORIZED,
            r#"{"error": "invalid_client"}"#
        ));
        let of_meta = r#"{"error": {"message": "Missing client_id parameter.", "type": "OAuthException", "code": 101}}"#;
        assert!(is_unknown(bad, of_meta));
        assert!(!is_unknown(bad, r#"{"error": "invalid_grant"}"#));
        assert!(!is_unknown(bad, "Missing client_id parameter."));
        assert!(!is_unknown(StatusCode::BAD_GATEWAY, of_meta));
    }
}
