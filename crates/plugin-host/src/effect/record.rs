use http::header;
use http::{HeaderName, Method};
use jackfield_plugin_abi::messages::{ExampleExchange, ExampleRequest, ExampleResponse, Header};
use serde_json::Value;
use url::Url;

use super::answer::Exchange;

/// What differs from answer to answer, or tells of the connection, and means nothing to a node.
const PASSING: [HeaderName; 14] = [
    header::AGE,
    header::ALT_SVC,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::DATE,
    header::SERVER,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::VARY,
    header::VIA,
    HeaderName::from_static("keep-alive"),
];

const KEY: &str = "idempotency-key";

/// What a plugin sends.
pub(super) fn request(
    method: &Method,
    url: &Url,
    headers: &[Header<'_>],
    sent: &[u8],
) -> ExampleRequest {
    // A key against doing things twice is another one each time.
    let lasting = headers
        .iter()
        .filter(|header| !header.0.eq_ignore_ascii_case(KEY));
    ExampleRequest {
        method: method.to_string(),
        url: url.to_string(),
        headers: lasting
            .map(|header| (header.0.to_lowercase(), header.1.to_string()))
            .collect(),
        body: body(sent),
    }
}

/// The request with its answer.
pub(super) fn exchange(request: ExampleRequest, answer: &Exchange) -> ExampleExchange {
    let body = body(&answer.body);
    let is_implied = |name: &str, value: &str| {
        name == header::CONTENT_TYPE
            && value == "application/json"
            && body.as_ref().is_some_and(|body| !body.is_string())
    };
    let lasting = answer.headers.iter().filter(|(name, value)| {
        PASSING.iter().all(|passing| passing != name.as_str()) && !is_implied(name, value)
    });
    let headers = lasting.cloned().collect();
    ExampleExchange {
        request,
        response: ExampleResponse {
            status: answer.status,
            headers,
            body,
        },
    }
}

/// JSON as what it is, anything else as text.
fn body(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let text = || Value::String(String::from_utf8_lossy(bytes).into_owned());
    match serde_json::from_slice(bytes) {
        // Text between quotes would be taken for what is between them.
        Ok(Value::String(_)) | Err(_) => Some(text()),
        Ok(json) => Some(json),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    fn recorded(answer: &str, headers: &[(&str, &str)]) -> Value {
        let url = Url::parse("https://api.acme.example/orders?page=2").unwrap();
        let own = [
            Header("Accept".into(), "text/plain".into()),
            Header("Idempotency-Key".into(), "k_1".into()),
        ];
        let request = request(&Method::POST, &url, &own, br#"{"cents":5}"#);
        let headers = headers.iter();
        let answer = Exchange {
            status: 200,
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Bytes::copy_from_slice(answer.as_bytes()),
            blob: None,
            truncated: false,
            url: url.into(),
            duration_ms: 3,
        };
        serde_json::to_value(exchange(request, &answer)).unwrap()
    }

    #[test]
    fn what_lasts_is_kept() {
        let headers = [
            ("content-type", "application/json"),
            ("date", "Fri, 27 Nov 2026 08:00:00 GMT"),
            (
                "link",
                "<https://api.acme.example/orders?page=3>; rel=\"next\"",
            ),
        ];
        let kept = recorded(r#"[{"id":7}]"#, &headers);
        assert_eq!(
            kept,
            json!({
                "request": {"method": "POST", "url": "https://api.acme.example/orders?page=2",
                    "headers": [["accept", "text/plain"]], "body": {"cents": 5}},
                "response": {"status": 200,
                    "headers": [["link", "<https://api.acme.example/orders?page=3>; rel=\"next\""]], "body": [{"id": 7}]},
            })
        );
    }

    #[test]
    fn text_keeps_its_type() {
        let headers = [("content-type", "text/plain")];
        let response = |answer| recorded(answer, &headers)["response"].clone();
        let kept =
            json!({"status": 200, "headers": [["content-type", "text/plain"]], "body": "fine"});
        assert_eq!(response("fine"), kept);
        assert_eq!(response("\"fine\"")["body"], "\"fine\"");
        assert_eq!(response("").get("body"), None);
    }
}
