use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Request, code};

use crate::request::{BodyFormat, Fields, Timeout, put_body, put_headers};
use crate::response::{Answer, ResponseFormat, hand_on};

/// Makes an HTTP request to any API and hands on the response.
#[derive(Config)]
pub(crate) struct ApiEndpoint {
    /// Where the request goes: an absolute http or https URL.
    #[field(
        label = "URL",
        pattern = "^https?://[^/]",
        example = "https://api.example.com/v1/bookings"
    )]
    url: String,
    /// The HTTP method.
    #[field(default)]
    method: Method,
    /// Headers by name. A header that is given here is sent as it is; credentials belong into a connected app.
    #[field(default, widget = "key-value", example = json!({"X-Request-Source": "jackfield"}))]
    #[schemars(extend("propertyNames" = {"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"}))]
    headers: Fields,
    /// Query parameters by name, encoded and appended to the URL. A list repeats its name.
    #[field(default, widget = "key-value", example = json!({"status": "open", "tag": ["new", "vip"]}))]
    query: Fields,
    /// What to send with POST, PUT, PATCH and DELETE; GET and HEAD have no body.
    #[field(default, widget = "code", language = "json", example = json!({"name": "Ada", "items": [{"price": 12}]}),
        shown_when(method = ["POST", "PUT", "PATCH", "DELETE"]))]
    body: Value,
    /// How the body is written. Without it a text is sent as it is, and anything else as a form when the header Content-Type
    /// says so, otherwise as JSON. Nested values of a form are named with brackets: items[0][price].
    #[field(default, shown_when(method = ["POST", "PUT", "PATCH", "DELETE"]))]
    body_format: Option<BodyFormat>,
    /// Whether the connected app's credentials are sent. Without it they are when the node has a connected app.
    #[field(default)]
    authentication: Option<Authentication>,
    /// How long to wait for the whole response: an ISO 8601 duration such as PT30S, or a number of seconds. 30 seconds
    /// unless given.
    #[field(default, advanced, example = &"PT30S")]
    #[schemars(extend("default" = "PT30S"))]
    timeout: Timeout,
    /// Whether redirects are followed; otherwise a redirect is the response.
    #[field(default = true, advanced)]
    follow_redirects: bool,
    /// How the response's body is read. `auto` goes by its content type: JSON and forms become values, other text a text,
    /// and everything else, or more than 2 MiB, is stored as a file, of which the output holds a reference. `json` and
    /// `text` take up to 2 MiB.
    #[field(default, advanced)]
    response_format: ResponseFormat,
    /// The largest response that is accepted, in bytes; a larger one is the error TOO_LARGE.
    #[field(label = "Largest response", default = 10 << 20, min = 1, max = 33_554_432, advanced)]
    max_bytes: u64,
    /// Sent as the header Idempotency-Key, for APIs that then do a repeated request only once. Without it POST and PATCH
    /// send a key of the step, the same on every retry; an empty text sends none.
    #[field(default, advanced)]
    idempotency_key: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Config)]
enum Authentication {
    ConnectedApp,
    None,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }

    fn has_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }

    /// Whether a repeated request does more than one request, unless the other side looks at a key.
    fn repeats(self) -> bool {
        matches!(self, Self::Post | Self::Patch)
    }
}

impl Node for ApiEndpoint {
    const TYPE: &'static str = "api-endpoint";
    type Output = Output;

    fn about() -> About {
        About::new("API Endpoint")
            .icon("globe")
            .optional_provider("http")
            .input("data-in", "Request parameters, for use in expressions.")
            .output("data-out", "The response.")
            .output(
                "error",
                "The response with a status of 400 or above, or why there is none.",
            )
            .output_schema::<Answer>()
            .documentation(include_str!("api_endpoint/documentation.md"))
            .examples(include_str!("api_endpoint/examples.json"))
    }

    async fn run(self, context: Context) -> Result<Output> {
        let request = self.request(&context)?;
        hand_on(&request.send().await?, self.response_format)
    }
}

impl ApiEndpoint {
    fn request(&self, context: &Context) -> Result<Request> {
        let mut request = context.http().request(self.method.name(), self.url.trim());
        request = match self.idempotency_key.as_deref() {
            Some("") => put_headers(request, &self.headers, None),
            Some(key) => put_headers(request, &self.headers, None).idempotency_key(key),
            None => {
                let key = self.method.repeats().then(|| context.idempotency_key());
                put_headers(request, &self.headers, key)
            }
        };
        for (name, value) in self.query.iter() {
            request = request.query(name, value);
        }
        if self.method.has_body() {
            request = put_body(
                request,
                &self.body,
                self.body_format,
                self.headers.header("content-type"),
            )?;
        }
        if self.authenticates(context)? {
            request = request.credential("default");
        }
        let request = request
            .timeout(self.timeout.0)
            .follow_redirects(self.follow_redirects);
        Ok(self.response_format.ask(request, self.max_bytes))
    }

    fn authenticates(&self, context: &Context) -> Result<bool> {
        match (self.authentication, context.credential()) {
            (Some(Authentication::None), _) | (None, None) => Ok(false),
            (_, Some(_)) => Ok(true),
            (Some(Authentication::ConnectedApp), None) => Err(Error::new(
                code::INVALID_CONFIG,
                "authentication is connected_app, but the node has no connected app. Choose one, or set authentication to none.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jackfield_plugin_sdk::testing::{self, Ran, Reply, SentRequest};

    use super::*;

    fn send(config: Value, reply: Reply) -> Ran {
        testing::node::<ApiEndpoint>(config).reply(reply).run()
    }

    fn sent(config: Value) -> SentRequest {
        send(config, Reply::new(204)).requests.remove(0)
    }

    fn rejected(config: Value) -> String {
        testing::node::<ApiEndpoint>(config)
            .run()
            .error()
            .to_string()
    }

    #[test]
    fn a_get_hands_on_status_headers_and_parsed_body() {
        let reply = Reply::json(
            200,
            &json!({"id": 12_345_678_901_234_567_890_u64, "open": true}),
        )
        .header("X-Page", "1")
        .header("X-Page", "2")
        .redirected_to("https://api.example.com/v2/bookings");
        let ran = send(
            json!({"url": " https://api.example.com/v1/bookings ", "query": {"status": "open", "tag": ["a", "b"]}}),
            reply,
        );
        assert_eq!(
            ran.output(),
            json!({
                "status": 200,
                "headers": {"content-type": "application/json", "x-page": "1, 2"},
                "body": {"id": 12_345_678_901_234_567_890_u64, "open": true},
                "bodyType": "json",
                "contentType": "application/json",
                "finalUrl": "https://api.example.com/v2/bookings",
                "durationMs": 12,
            })
        );
        let request = &ran.requests[0];
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("GET", "https://api.example.com/v1/bookings")
        );
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(query, ["status=open", "tag=a", "tag=b"]);
        assert_eq!(
            request.headers,
            [(
                "accept".to_owned(),
                "application/json, text/plain, */*".to_owned()
            )]
        );
        assert_eq!(request.timeout, Some(Duration::from_secs(30)));
        assert_eq!(request.max_bytes, Some(10_485_760));
        assert!(request.follow_redirects);
    }

    #[test]
    fn every_method_of_the_contract_is_sent() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] {
            let request =
                sent(json!({"url": "https://example.com/", "method": method, "body": {"a": 1}}));
            assert_eq!(request.method, method);
            let has_body = !matches!(method, "GET" | "HEAD");
            assert_eq!(!request.body.is_empty(), has_body, "{method}");
            let has_key = matches!(method, "POST" | "PATCH");
            assert_eq!(
                request.header("idempotency-key").is_some(),
                has_key,
                "{method}"
            );
        }
    }

    #[test]
    fn a_body_is_json_unless_told_otherwise() {
        let request = sent(
            json!({"url": "https://example.com/", "method": "POST", "body": {"text": "hi", "n": 1}}),
        );
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.text(), r#"{"text":"hi","n":1}"#);
    }

    #[test]
    fn a_form_is_asked_for_by_format_or_header() {
        let body =
            json!({"amount": 2000, "payment_method_types[]": "card", "items": [{"price": "p_1"}]});
        let form = "amount=2000&payment_method_types%5B%5D=card&items%5B0%5D%5Bprice%5D=p_1";

        let request = sent(
            json!({"url": "https://example.com/", "method": "POST", "body": body, "bodyFormat": "form"}),
        );
        assert_eq!(
            request.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        assert_eq!(request.text(), form);

        let headers = json!({"Authorization": "Bearer sk_test", "Content-Type": "application/x-www-form-urlencoded"});
        let request = sent(
            json!({"url": "https://example.com/", "method": "POST", "body": body, "headers": headers}),
        );
        assert_eq!(request.text(), form);
        assert_eq!(request.header("authorization"), Some("Bearer sk_test"));
        let types = request
            .headers
            .iter()
            .filter(|(name, _)| name == "content-type");
        assert_eq!(types.count(), 1);
    }

    #[test]
    fn a_text_is_sent_as_it_is() {
        let url = "https://example.com/";
        let request =
            sent(json!({"url": url, "method": "PUT", "body": "plain", "bodyFormat": "text"}));
        assert_eq!(
            (request.header("content-type"), request.text()),
            (Some("text/plain; charset=utf-8"), "plain")
        );

        let headers = json!({"Content-Type": "application/json"});
        let request =
            sent(json!({"url": url, "method": "PUT", "body": "{\"raw\": 1}", "headers": headers}));
        assert_eq!(
            (request.header("content-type"), request.text()),
            (Some("application/json"), "{\"raw\": 1}")
        );

        let request =
            sent(json!({"url": url, "method": "PUT", "body": "quoted", "bodyFormat": "json"}));
        assert_eq!(request.text(), "\"quoted\"");
    }

    /// The integration test of `jackfield plugin record` holds the fixture to what the command writes.
    #[test]
    fn an_order_is_made_as_it_was_recorded() {
        let config = json!({"method": "POST", "url": "http://shop.example.com/orders?draft=1", "body": {"cents": 500},
            "headers": {"Accept-Language": "de"}});
        let ran = testing::node::<ApiEndpoint>(config)
            .connected_app("http", &json!({}))
            .recorded(include_str!("api_endpoint/fixtures/order.json"))
            .run();
        let output = ran.output();
        assert_eq!(output["status"], 201);
        assert_eq!(output["body"]["id"], 7);
        assert_eq!(output["headers"]["x-total"], "9");
    }

    #[test]
    fn the_connected_app_authenticates_unless_told_not_to() {
        let credential = |authentication: Value| {
            let config = json!({"url": "https://example.com/", "authentication": authentication});
            let stage = testing::node::<ApiEndpoint>(config).connected_app("http", &json!({}));
            stage
                .reply(Reply::new(204))
                .run()
                .requests
                .remove(0)
                .credential
        };
        assert_eq!(credential(Value::Null).as_deref(), Some("default"));
        assert_eq!(
            credential(json!("connected_app")).as_deref(),
            Some("default")
        );
        assert_eq!(credential(json!("none")), None);
        assert_eq!(
            sent(json!({"url": "https://example.com/"})).credential,
            None
        );
        assert_eq!(
            rejected(json!({"url": "https://example.com/", "authentication": "connected_app"})),
            "INVALID_CONFIG: authentication is connected_app, but the node has no connected app. Choose one, or set \
             authentication to none."
        );
    }

    #[test]
    fn an_idempotency_key_is_the_steps_or_your_own_or_none() {
        let post = |key: Value| {
            sent(json!({"url": "https://example.com/", "method": "POST", "idempotencyKey": key}))
        };
        assert_eq!(
            post(Value::Null).header("idempotency-key"),
            Some("step_test")
        );
        assert_eq!(post(Value::Null).idempotency_key, None);
        assert_eq!(
            post(json!("order-1")).idempotency_key.as_deref(),
            Some("order-1")
        );
        assert_eq!(post(json!("")).header("idempotency-key"), None);
    }

    #[test]
    fn a_bad_status_leaves_through_the_error_port() {
        let reply = Reply::json(404, &json!({"message": "no such booking"}));
        let ran = send(json!({"url": "https://example.com/"}), reply);
        let output = ran.output_of("error");
        assert_eq!(output["status"], 404);
        assert_eq!(output["body"], json!({"message": "no such booking"}));
        assert_eq!(
            output["error"],
            json!({"code": "HTTP_404", "message": "The server answered 404.", "retryable": false})
        );
        assert!(ran.result.unwrap().retry.is_none());
    }

    #[test]
    fn what_may_pass_comes_with_a_hint_to_retry() {
        let ran = send(
            json!({"url": "https://example.com/"}),
            Reply::new(429).header("Retry-After", "7"),
        );
        assert_eq!(ran.output_of("error")["error"]["retryable"], true);
        assert_eq!(ran.result.unwrap().retry.unwrap().after_ms, Some(7000));
        let ran = send(json!({"url": "https://example.com/"}), Reply::new(503));
        assert_eq!(ran.result.unwrap().retry.unwrap().after_ms, None);
    }

    #[test]
    fn without_a_response_the_hosts_error_is_the_steps() {
        let refused = Error::new(code::CONNECT, "example.com refused the connection.").retryable();
        let ran = send(
            json!({"url": "https://example.com/"}),
            Reply::error(refused.clone()),
        );
        assert_eq!(ran.error(), &refused);
        let ran = send(
            json!({"url": "https://example.com/", "maxBytes": 3}),
            Reply::bytes(200, "text/plain", b"four"),
        );
        assert_eq!(
            ran.error().to_string(),
            "TOO_LARGE: The response is larger than 3 bytes."
        );
    }

    #[test]
    fn a_body_is_read_by_its_content_type() {
        let read = |content_type: &str, body: &[u8]| {
            let output = send(
                json!({"url": "https://example.com/"}),
                Reply::bytes(200, content_type, body),
            )
            .output();
            (
                output["bodyType"].as_str().unwrap().to_owned(),
                output["body"].clone(),
            )
        };
        let text = |text: &str| ("text".to_owned(), json!(text));
        assert_eq!(read("text/html", "<b>ä</b>".as_bytes()), text("<b>ä</b>"));
        assert_eq!(read("text/plain; charset=ISO-8859-1", b"\xe4"), text("ä"));
        assert_eq!(
            read(
                "application/problem+json; charset=utf-8",
                b"\xef\xbb\xbf{\"a\":1}"
            ),
            ("json".into(), json!({"a": 1}))
        );
        assert_eq!(read("application/json", b"{oops"), text("{oops"));
        assert_eq!(read("application/json", b""), ("empty".into(), Value::Null));
        assert_eq!(
            read("application/x-www-form-urlencoded", b"a=1&b=x+y"),
            ("form".into(), json!({"a": "1", "b": "x y"}))
        );
        let (kind, file) = read("image/png", b"\x89PNG");
        assert_eq!(kind, "file");
        assert_eq!(
            (&file["id"], &file["size"], &file["contentType"]),
            (&json!("blob_test"), &json!(4), &json!("image/png"))
        );
        let deep = format!("{}{}", "[".repeat(101), "]".repeat(101));
        assert_eq!(read("application/json", deep.as_bytes()), text(&deep));
    }

    #[test]
    fn the_format_can_be_said() {
        let read = |format: &str, status: u16, content_type: &str, body: &[u8]| {
            let config = json!({"url": "https://example.com/?token=1", "responseFormat": format});
            send(config, Reply::bytes(status, content_type, body))
        };
        assert_eq!(
            read("json", 200, "text/plain", b"[1]").output()["body"],
            json!([1])
        );
        assert_eq!(
            read("text", 200, "application/json", b"[1]").output()["body"],
            json!("[1]")
        );
        assert_eq!(
            read("file", 200, "application/json", b"[1]").output()["bodyType"],
            json!("file")
        );
        assert_eq!(
            read("json", 200, "text/html", b"<p>").error().to_string(),
            "UNEXPECTED_RESPONSE: https://example.com/ answered 200 with a body that is not JSON. Set responseFormat to auto or text."
        );
        assert_eq!(
            read("json", 502, "text/html", b"<p>").output_of("error")["body"],
            json!("<p>")
        );
    }

    #[test]
    fn a_compressed_body_that_nobody_asked_for_can_be_kept_as_a_file() {
        let read = |format: &str| {
            let config = json!({"url": "https://example.com/a?b", "responseFormat": format});
            let gzip = Reply::bytes(200, "application/json", b"\x1f\x8b")
                .header("Content-Encoding", "gzip");
            send(config, gzip)
        };
        let output = read("auto").output();
        assert_eq!(
            (&output["bodyType"], &output["body"]),
            (&json!("unreadable"), &Value::Null)
        );
        assert_eq!(read("file").output()["bodyType"], "file");
        assert_eq!(
            read("json").error().to_string(),
            "UNEXPECTED_RESPONSE: https://example.com/a answered 200 with a body that is compressed. Set responseFormat to file."
        );
    }

    #[test]
    fn a_long_text_is_a_file() {
        let long = "x".repeat((2 << 20) + 1);
        let read = |format: &str| {
            let config = json!({"url": "https://example.com/", "responseFormat": format});
            send(config, Reply::bytes(200, "text/plain", long.as_bytes()))
        };
        assert_eq!(read("auto").output()["bodyType"], "file");
        assert_eq!(
            read("text").error().to_string(),
            "TOO_LARGE: The response is larger than 2097152 bytes."
        );
    }

    #[test]
    fn a_bad_config_says_what_is_wrong() {
        assert_eq!(
            rejected(json!({"url": "https://example.com/", "method": "OPTIONS"})),
            "INVALID_CONFIG: method in the config of api-endpoint is not valid: unknown variant `OPTIONS`, expected one of `GET`, `POST`, \
             `PUT`, `PATCH`, `DELETE`, `HEAD`."
        );
        assert_eq!(
            rejected(
                json!({"url": "https://example.com/", "method": "POST", "body": [1], "bodyFormat": "form"})
            ),
            "INVALID_CONFIG: With bodyFormat form, body has to be an object of names and values, or an encoded text."
        );
        assert_eq!(
            rejected(
                json!({"url": "https://example.com/", "method": "POST", "body": {"a": 1}, "bodyFormat": "text"})
            ),
            "INVALID_CONFIG: With bodyFormat text, body has to be a text. Use json or form for objects and lists."
        );
    }
}
