use jackfield_plugin_sdk::prelude::*;

use crate::request::{Fields, Timeout, put_body, put_headers};
use crate::response::{Answer, ResponseFormat, hand_on};

/// What of an answer is kept, in bytes: a receiver of notifications has little to say.
const KEPT: u64 = 1 << 20;

/// Notifies another system of something that happened, by posting a payload to its URL.
#[derive(Config)]
pub(crate) struct ExternalWebhook {
    /// Where the webhook goes: an absolute http or https URL.
    #[field(
        label = "URL",
        pattern = "^https?://[^/]",
        example = "https://partner.example.com/hooks/bookings"
    )]
    url: String,
    /// The HTTP method.
    #[field(default)]
    method: Method,
    /// Headers by name, besides those that are always sent: Content-Type, and an Idempotency-Key that is the same on every
    /// retry.
    #[field(default, widget = "key-value", example = json!({"X-Event": "booking.confirmed"}))]
    #[schemars(extend("propertyNames" = {"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"}))]
    headers: Fields,
    /// What to send, as JSON. Without it the node's input is sent.
    #[field(default, widget = "code", language = "json",
        example = json!({"event": "booking.confirmed", "bookingId": "{{ trigger.body.id }}"}))]
    payload: Value,
    /// How long to wait for the answer: an ISO 8601 duration such as PT30S, or a number of seconds. 30 seconds unless given.
    #[field(default, advanced, example = &"PT30S")]
    #[schemars(extend("default" = "PT30S"))]
    timeout: Timeout,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Post,
    Put,
}

impl Node for ExternalWebhook {
    const TYPE: &'static str = "external-webhook";
    type Output = Output;

    fn about() -> About {
        About::new("External Webhook")
            .icon("send")
            .optional_provider("http")
            .input("data-in", "The payload to send, unless the config has one.")
            .output("data-out", "The receiver's response.")
            .output(
                "error",
                "The response with a status of 400 or above, or why there is none.",
            )
            .output_schema::<Answer>()
            .documentation(include_str!("external_webhook/documentation.md"))
            .examples(include_str!("external_webhook/examples.json"))
    }

    async fn run(self, context: Context) -> Result<Output> {
        let method = match self.method {
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let http = context.http().request(method, self.url.trim());
        let request = put_headers(http, &self.headers, Some(context.idempotency_key()));
        let payload = match self.payload {
            Value::Null => context.input()?,
            payload => payload,
        };
        let mut request = put_body(request, &payload, None, self.headers.header("content-type"))?;
        if context.credential().is_some() {
            request = request.credential("default");
        }
        let format = ResponseFormat::Auto;
        let request = format.ask(request.timeout(self.timeout.0).truncate(), KEPT);
        hand_on(&request.send().await?, format)
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Reply};

    use super::*;

    fn stage(config: Value) -> testing::Stage {
        testing::node::<ExternalWebhook>(config)
    }

    #[test]
    fn a_payload_is_posted_as_json_with_a_key() {
        let config = json!({
            "url": "https://partner.example.com/hooks",
            "headers": {"X-Event": "booking.confirmed"},
            "payload": {"bookingId": "b_1"},
        });
        let ran = stage(config)
            .reply(Reply::json(200, &json!({"received": true})))
            .run();
        let request = &ran.requests[0];
        assert_eq!(
            (request.method.as_str(), request.text()),
            ("POST", r#"{"bookingId":"b_1"}"#)
        );
        let headers = ["x-event", "content-type", "idempotency-key"]
            .map(|name| request.header(name).unwrap());
        assert_eq!(
            headers,
            ["booking.confirmed", "application/json", "step_test"]
        );
        assert_eq!(ran.output()["body"], json!({"received": true}));
    }

    #[test]
    fn without_a_payload_the_input_is_sent() {
        let config = json!({"url": "https://partner.example.com/hooks", "method": "PUT"});
        let ran = stage(config)
            .input(&json!({"b": [1, 2]}))
            .reply(Reply::new(202))
            .run();
        assert_eq!(
            (ran.requests[0].method.as_str(), ran.requests[0].text()),
            ("PUT", r#"{"b":[1,2]}"#)
        );
    }

    #[test]
    fn a_connected_app_authenticates() {
        let stage = stage(json!({"url": "https://partner.example.com/hooks"}))
            .connected_app("http", &json!({}));
        let ran = stage.reply(Reply::new(200)).run();
        assert_eq!(ran.requests[0].credential.as_deref(), Some("default"));
    }

    #[test]
    fn failures_leave_through_the_error_port_and_long_answers_are_cut() {
        let config = json!({"url": "https://partner.example.com/hooks"});
        let ran = stage(config.clone()).reply(Reply::new(500)).run();
        assert_eq!(ran.output_of("error")["error"]["code"], "HTTP_500");
        assert!(ran.result.unwrap().retry.is_some());

        let long = "x".repeat(2 << 20);
        let ran = stage(config)
            .reply(Reply::bytes(200, "text/plain", long.as_bytes()))
            .run();
        assert_eq!(ran.output()["body"].as_str().unwrap().len(), 1 << 20);
    }

    #[test]
    fn only_post_and_put_are_webhooks() {
        let ran = stage(json!({"url": "https://partner.example.com/hooks", "method": "GET"})).run();
        assert_eq!(
            ran.error().to_string(),
            "INVALID_CONFIG: method in the config of external-webhook is not valid: unknown variant `GET`, expected `POST` or `PUT`."
        );
    }
}
