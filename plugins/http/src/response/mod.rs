//! From response to output.

mod body;

use std::collections::BTreeMap;

use jackfield_plugin_sdk::{BlobRef, Output, Response, Result, port};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

pub(crate) use body::ResponseFormat;

/// What leaves through `data-out` and `error`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// The status, 100 to 599.
    status: u16,
    /// By name in lower case; a repeated header's values are joined by commas, those of `set-cookie` by line breaks.
    headers: BTreeMap<String, String>,
    /// A value for JSON, an object for a form, a text, a reference to a stored file, or null when there is none.
    #[schemars(with = "serde_json::Value")]
    body: Body,
    /// What `body` is; `unreadable` (and null) when it came compressed.
    body_type: BodyType,
    /// The content type as received.
    content_type: Option<String>,
    /// What answered, after redirects.
    final_url: String,
    /// Milliseconds until the response was complete.
    duration_ms: u64,
    /// What went wrong; only on the port `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

/// The body as it is handed on.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Body {
    Empty(()),
    Json(Box<RawValue>),
    Form(BTreeMap<String, FormValue>),
    Text(String),
    File(BlobRef),
    Unreadable(()),
}

/// One value of a form, or several under the same name.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum FormValue {
    One(String),
    Many(Vec<String>),
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum BodyType {
    Empty,
    Json,
    Form,
    Text,
    File,
    Unreadable,
}

impl Body {
    fn body_type(&self) -> BodyType {
        match self {
            Self::Empty(()) => BodyType::Empty,
            Self::Json(_) => BodyType::Json,
            Self::Form(_) => BodyType::Form,
            Self::Text(_) => BodyType::Text,
            Self::File(_) => BodyType::File,
            Self::Unreadable(()) => BodyType::Unreadable,
        }
    }
}

/// The same members as the error of a step that had no response.
#[derive(Serialize, JsonSchema)]
struct Failure {
    /// `HTTP_` and the status.
    code: String,
    /// A sentence.
    message: String,
    /// Whether the same request can work later.
    retryable: bool,
}

/// Hands on a response: below 400 through `data-out`, otherwise through `error`.
pub(crate) fn hand_on(response: &Response, format: ResponseFormat) -> Result<Output> {
    let failed = response.status() >= 400;
    let body = body::read(response, format).or_else(|error| match failed {
        // An error page that is not in the expected format is still the response.
        true => body::read(response, ResponseFormat::Auto),
        false => Err(error),
    })?;
    let mut answer = Answer {
        status: response.status(),
        headers: headers(response),
        body_type: body.body_type(),
        body,
        content_type: response.header("content-type").map(str::to_owned),
        final_url: response.url().to_owned(),
        duration_ms: u64::try_from(response.duration().as_millis()).unwrap_or(u64::MAX),
        error: None,
    };
    if !failed {
        return Ok(Output::data(&answer));
    }
    let retryable = response.is_worth_retrying();
    answer.error = Some(Failure {
        code: format!("HTTP_{}", response.status()),
        message: format!("The server answered {}.", response.status()),
        retryable,
    });
    let output = Output::port(port::ERROR, &answer);
    Ok(match retryable {
        true => output.worth_retrying(response.retry_after()),
        false => output,
    })
}

fn headers(response: &Response) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in response.headers() {
        let separator = if name == "set-cookie" { "\n" } else { ", " };
        headers
            .entry(name.clone())
            .and_modify(|known| *known = format!("{known}{separator}{value}"))
            .or_insert_with(|| value.clone());
    }
    headers
}
