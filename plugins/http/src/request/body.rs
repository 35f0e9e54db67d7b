use jackfield_plugin_sdk::{Config, Error, Request, Result, code};
use serde_json::Value;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Config)]
pub(crate) enum BodyFormat {
    #[field(label = "JSON")]
    Json,
    Form,
    Text,
}

/// Puts a body on a request. Without a format a text is sent as it is; anything else follows the header `Content-Type`: a
/// form when it says so, otherwise JSON.
pub(crate) fn put_body(
    request: Request,
    body: &Value,
    format: Option<BodyFormat>,
    content_type: Option<&str>,
) -> Result<Request> {
    match (format, body) {
        (_, Value::Null) => Ok(request),
        (Some(BodyFormat::Json), body) => Ok(request.json(body)),
        (Some(BodyFormat::Form), Value::String(encoded)) => {
            Ok(request.body(encoded.as_str(), "application/x-www-form-urlencoded"))
        }
        (Some(BodyFormat::Form), Value::Object(_)) => Ok(request.form(body)),
        (Some(BodyFormat::Form), _) => Err(invalid(
            "With bodyFormat form, body has to be an object of names and values, or an encoded text.",
        )),
        (None | Some(BodyFormat::Text), Value::String(text)) => {
            Ok(request.body(text.as_str(), "text/plain; charset=utf-8"))
        }
        (Some(BodyFormat::Text), Value::Object(_) | Value::Array(_)) => Err(invalid(
            "With bodyFormat text, body has to be a text. Use json or form for objects and lists.",
        )),
        (Some(BodyFormat::Text), scalar) => {
            Ok(request.body(scalar.to_string(), "text/plain; charset=utf-8"))
        }
        (None, Value::Object(_)) if content_type.is_some_and(is_form) => Ok(request.form(body)),
        (None, body) => Ok(request.json(body)),
    }
}

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn invalid(message: &str) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
