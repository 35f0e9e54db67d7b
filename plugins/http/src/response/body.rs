use std::collections::BTreeMap;

use jackfield_plugin_sdk::{Config, Error, Request, Response, ResponseBody, Result, code};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Body, FormValue};

/// The deepest JSON that is handed on as a value; what reads it later gives up at 128.
const DEEPEST: usize = 100;

/// How a response's body is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Config)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ResponseFormat {
    #[default]
    Auto,
    #[field(label = "JSON")]
    Json,
    Text,
    File,
}

/// The largest body that becomes a value or a text, in bytes: escaped, it has to fit into what a step may return.
const LARGEST_VALUE: u64 = 2 << 20;

impl ResponseFormat {
    /// Asks the host for the body in the way that the format needs.
    pub(crate) fn ask(self, request: Request, max_bytes: u64) -> Request {
        match self {
            Self::Auto => request
                .max_bytes(max_bytes)
                .response_body(ResponseBody::Auto)
                .attach_bytes(LARGEST_VALUE),
            Self::Json | Self::Text => request.max_bytes(max_bytes.min(LARGEST_VALUE)),
            Self::File => request
                .max_bytes(max_bytes)
                .response_body(ResponseBody::Blob),
        }
    }
}

/// Reads the body.
pub(super) fn read(response: &Response, format: ResponseFormat) -> Result<Body> {
    if let Some(blob) = response.blob() {
        return Ok(Body::File(blob.clone()));
    }
    if response.bytes().is_empty() {
        return Ok(Body::Empty(()));
    }
    let unexpected = |what: &str| {
        let (place, status) = (place(response), response.status());
        let message = format!("{place} answered {status} with a body that is {what}.");
        Error::new(code::UNEXPECTED_RESPONSE, message)
    };
    match format {
        ResponseFormat::Auto | ResponseFormat::File => Ok(by_content_type(response)),
        _ if is_compressed(response) => Err(unexpected("compressed. Set responseFormat to file")),
        ResponseFormat::Text => Ok(Body::Text(response.text())),
        ResponseFormat::Json => {
            json(response).ok_or_else(|| unexpected("not JSON. Set responseFormat to auto or text"))
        }
    }
}

/// The host asks for no compression; some servers have nothing else.
fn is_compressed(response: &Response) -> bool {
    let encoding = response.header("content-encoding");
    encoding.is_some_and(|name| !name.eq_ignore_ascii_case("identity"))
}

/// What answered, without the query, which may hold what should not be shown.
fn place(response: &Response) -> &str {
    response.url().split(['?', '#']).next().unwrap_or_default()
}

fn by_content_type(response: &Response) -> Body {
    if is_compressed(response) {
        return Body::Unreadable(());
    }
    let content_type = response
        .header("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_json = essence.ends_with("/json") || essence.ends_with("+json");
    if is_json && let Some(body) = json(response) {
        return body;
    }
    if essence == "application/x-www-form-urlencoded" {
        return form(response.bytes());
    }
    Body::Text(response.text())
}

fn json(response: &Response) -> Option<Body> {
    let text = response.text();
    let raw: Box<RawValue> = serde_json::from_str(text.trim()).ok()?;
    (depth(raw.get()) <= DEEPEST).then_some(Body::Json(raw))
}

/// How deep valid JSON is nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth -= 1,
            _ => {}
        }
    }
    deepest
}

fn form(bytes: &[u8]) -> Body {
    let mut fields: BTreeMap<String, FormValue> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        let value = value.into_owned();
        let values = match fields.remove(name.as_ref()) {
            None => FormValue::One(value),
            Some(FormValue::One(first)) => FormValue::Many(vec![first, value]),
            Some(FormValue::Many(mut values)) => {
                values.push(value);
                FormValue::Many(values)
            }
        };
        fields.insert(name.into_owned(), values);
    }
    Body::Form(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        assert_eq!(depth("1"), 0);
        assert_eq!(depth(r#"{"a": [1, {"b": 2}], "c": "[[\"[["}"#), 3);
    }

    #[test]
    fn a_repeated_form_name_is_a_list() {
        let Body::Form(fields) = form(b"a=1&b=x+y&a=2&a=3") else {
            panic!("a form");
        };
        let json = serde_json::to_string(&fields).unwrap();
        assert_eq!(json, r#"{"a":["1","2","3"],"b":"x y"}"#);
    }
}
