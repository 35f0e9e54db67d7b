//! Reading a body that was verified: what came as bytes becomes the JSON that a run sees.

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use jackfield_storage::{
    Json,
    inbound_hook::{Format, HookConfig, Scheme},
};
use serde_json::{Map, Value, json};

use super::request::Rejected;
use crate::{publish::payload, sound};

const FORM: &str = "application/x-www-form-urlencoded";

/// The form in which a body is read: the configured one, or what the scheme's sender sends. Slack sends to one address what
/// happens as JSON, and commands and interactions as forms.
pub(super) fn format(config: &HookConfig, headers: &HeaderMap) -> Format {
    let is_form = || {
        let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(FORM.as_bytes()))
    };
    match (config.format, config.scheme) {
        (None, Scheme::Slack) if is_form() => Format::Form,
        _ => config.format(),
    }
}

/// Refuses a body that the hook's format cannot read by what its headers say. A compressed body is refused, because the
/// signature is over what was sent and nothing here unpacks what a stranger sends.
pub(super) fn check_headers(headers: &HeaderMap, format: Format) -> Result<(), Rejected> {
    let unsupported = |message: String| {
        Err(Rejected::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            message,
        ))
    };
    let text = |name| {
        headers.get(name).map(|value| {
            value
                .to_str()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        })
    };
    if let Some(encoding) = text(CONTENT_ENCODING)
        && encoding != "identity"
    {
        return unsupported("send the body without Content-Encoding".to_owned());
    }
    let Some(content_type) = text(CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match format {
        Format::Json
            if essence == "application/json"
                || essence == "text/json"
                || essence.ends_with("+json") =>
        {
            Ok(())
        }
        Format::Json => {
            unsupported("this webhook expects JSON: send Content-Type: application/json".to_owned())
        }
        Format::Form if essence == FORM => Ok(()),
        Format::Form => unsupported(
            "this webhook expects a form: send Content-Type: application/x-www-form-urlencoded"
                .to_owned(),
        ),
        Format::Raw => Ok(()),
    }
}

/// The body as JSON: a JSON document as it stands, a form as an object, any other text as a string, and bytes that are no
/// text as `{"base64": "…"}`.
pub(super) fn parse(body: &[u8], format: Format) -> Result<Json, Rejected> {
    match format {
        Format::Json => parse_json(body),
        Format::Form => Ok(parse_form(body)),
        Format::Raw => Ok(payload(body)),
    }
}

fn parse_json(body: &[u8]) -> Result<Json, Rejected> {
    let malformed =
        |reason: String| Rejected::new(StatusCode::BAD_REQUEST, "MALFORMED_BODY", reason);
    let text =
        std::str::from_utf8(body).map_err(|_| malformed("the body is not UTF-8".to_owned()))?;
    sound::check(text)
        .map_err(|error| malformed(format!("the body is not JSON that can be read: {error}")))?;
    Ok(Json::found_good(text))
}

/// Fields by name in the order in which they came; a repeated one as a list of its values.
fn parse_form(body: &[u8]) -> Json {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        add(&mut fields, name.into_owned(), value.into_owned());
    }
    Json::from(Value::Object(fields))
}

/// Adds a field; from the second value on it is a list.
pub(super) fn add(fields: &mut Map<String, Value>, name: String, value: String) {
    match fields.get_mut(&name) {
        None => {
            fields.insert(name, value.into());
        }
        Some(Value::Array(values)) => values.push(value.into()),
        Some(first) => *first = json!([first.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8], format: Format) -> String {
        match parse(body, format) {
            Ok(json) => json.to_string(),
            Err(rejected) => format!(
                "{} {}: {}",
                rejected.status.as_u16(),
                rejected.code,
                rejected.message
            ),
        }
    }

    #[test]
    fn json_is_kept_as_it_came() {
        assert_eq!(
            read(b"{ \"b\": 1.0, \"a\": [] }", Format::Json),
            "{ \"b\": 1.0, \"a\": [] }"
        );
    }

    #[test]
    fn says_why_json_cannot_be_read() {
        let said = [
            read(b"", Format::Json),
            read(b"{\"a\": ", Format::Json),
            read(b"{} {}", Format::Json),
            read(b"\xff", Format::Json),
            read(br#"["\ud800"]"#, Format::Json),
            read(b"1e999", Format::Json),
            read("[".repeat(10_000).as_bytes(), Format::Json),
        ];

        insta::assert_snapshot!(said.join("\n"), @"
        400 MALFORMED_BODY: the body is not JSON that can be read: EOF while parsing a value at line 1 column 0
        400 MALFORMED_BODY: the body is not JSON that can be read: EOF while parsing a value at line 1 column 6
        400 MALFORMED_BODY: the body is not JSON that can be read: trailing characters at line 1 column 4
        400 MALFORMED_BODY: the body is not UTF-8
        400 MALFORMED_BODY: the body is not JSON that can be read: unexpected end of hex escape at line 1 column 9
        400 MALFORMED_BODY: the body is not JSON that can be read: number out of range at line 1 column 5
        400 MALFORMED_BODY: the body is not JSON that can be read: nested more than 64 levels deep at line 1 column 65
        ");
    }

    #[test]
    fn a_form_becomes_an_object() {
        assert_eq!(
            read(b"a=1&b=x+y&a=%C3%BC&a=3", Format::Form),
            r#"{"a":["1","ü","3"],"b":"x y"}"#
        );
    }

    #[test]
    fn raw_text_becomes_a_string_and_other_bytes_base64() {
        assert_eq!(read(b"<a>\"1\"</a>", Format::Raw), r#""<a>\"1\"</a>""#);
        assert_eq!(read(b"\xff\xfe", Format::Raw), r#"{"base64":"//4="}"#);
    }

    #[test]
    fn the_content_type_has_to_fit_the_format() {
        let check = |content_type: &'static str, format| {
            let headers =
                HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            check_headers(&headers, format).map_err(|rejected| rejected.status.as_u16())
        };

        assert_eq!(
            check("application/json; charset=utf-8", Format::Json),
            Ok(())
        );
        assert_eq!(
            check("application/cloudevents-batch+JSON", Format::Json),
            Ok(())
        );
        assert_eq!(
            check("application/x-www-form-urlencoded", Format::Json),
            Err(415)
        );
        assert_eq!(
            check("application/x-www-form-urlencoded", Format::Form),
            Ok(())
        );
        assert_eq!(
            check("multipart/form-data; boundary=x", Format::Form),
            Err(415)
        );
        assert_eq!(check("image/png", Format::Raw), Ok(()));
        assert_eq!(check_headers(&HeaderMap::new(), Format::Json), Ok(()));
    }

    #[test]
    fn slack_sends_forms_too() {
        let slack = HookConfig {
            scheme: Scheme::Slack,
            ..HookConfig::default()
        };
        let raw = HookConfig {
            format: Some(Format::Raw),
            ..slack.clone()
        };
        let of = |config: &HookConfig, content_type: &'static str| {
            let value = HeaderValue::from_static(content_type);
            format(config, &HeaderMap::from_iter([(CONTENT_TYPE, value)]))
        };
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(of(&slack, form), Format::Form);
        assert_eq!(of(&slack, "application/json"), Format::Json);
        assert_eq!(of(&raw, form), Format::Raw);
        assert_eq!(of(&HookConfig::default(), form), Format::Json);
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);

        assert_eq!(
            check_headers(&headers, Format::Raw).unwrap_err().status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
    }
}
