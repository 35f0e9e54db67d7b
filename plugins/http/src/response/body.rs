use std::collections::BTreeMap;

use jackfield_plugin_sdk::{Error, Response, ResponseBody, Result, code};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Body, FormValue};

/// The deepest JSON that is handed on as a value; what reads it later gives up at 128.
const DEEPEST: usize = 100;

/// How a response's body is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ResponseFormat {
    #[default]
    Auto,
    Json,
    Text,
    File,
}

impl ResponseFormat {
    /// How the host hands the body to us.
    pub(crate) fn transfer(self) -> ResponseBody {
        match self {
            Self::Auto => ResponseBody::Auto,
            Self::Json | Self::Text => ResponseBody::Attached,
            Self::File => ResponseBody::Blob,
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
    match format {
        ResponseFormat::Text => Ok(Body::Text(response.text())),
        ResponseFormat::Json => json(response).ok_or_else(|| {
            let (status, url) = (response.status(), response.url().split('?').next().unwrap_or_default());
            let message = format!("{url} answered {status} with a body that is not JSON. Set responseFormat to auto or text.");
            Error::new(code::UNEXPECTED_RESPONSE, message)
        }),
        ResponseFormat::Auto | ResponseFormat::File => Ok(by_content_type(response)),
    }
}

fn by_content_type(response: &Response) -> Body {
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
