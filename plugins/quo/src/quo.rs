//! The node `quo`: <https://www.quo.com/docs/mdx/api-reference/messages/send-a-text-message>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Message, PhoneNumber};

use crate::api::api;

pub(crate) fn operations() -> Operations {
    let about = About::new("Quo")
        .description("Sends text messages through Quo, from a template or as they are written.")
        .icon("message-square")
        .provider("quo")
        .input("data-in", "What the message is about.")
        .output("data-out", "What Quo says of the message.")
        .output("error", "Why nothing was sent.")
        .documentation(include_str!("quo/documentation.md"))
        .examples(include_str!("quo/examples.json"));
    Operations::new("quo", about).operation::<SendSms>()
}

/// Sends a text message.
#[derive(Config, Rest)]
#[config(label = "Send SMS")]
#[rest(post = "/v1/messages", api = api(), output = Whole<Sent>, pick = "data", names = "camelCase")]
struct SendSms {
    /// A message template that says the text and what it is sent from, as far as that is not said here.
    #[field(label = "Message template", message_template = "sms")]
    template: Option<Message>,
    /// What it is sent from: one of the connected app's phone numbers. The sender of the message template or the default number
    /// unless given.
    #[field(resource = "phone_number")]
    from: PhoneNumber,
    /// Who gets it: one to ten numbers with their country codes.
    #[field(min_length = 1, max_length = 10, example = json!(["+15551230000"]))]
    to: Vec<PhoneNumber>,
    /// What it says.
    #[field(
        label = "Text",
        body = "content",
        widget = "textarea",
        min_length = 1,
        max_length = 1600
    )]
    text_body: String,
    /// The id of the person at Quo who sends it, such as `US123abc`; whoever the number belongs to unless given.
    #[field(advanced, label = "User ID", pattern = "^US")]
    user_id: Option<String>,
    /// What becomes of the conversation in Quo's inbox.
    #[field(advanced)]
    set_inbox_status: Option<InboxStatus>,
}

/// What becomes of a conversation.
#[derive(Config, Body)]
#[config(label = "Inbox status")]
enum InboxStatus {
    /// It is marked as done.
    Done,
}

/// A message that Quo took.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Sent {
    /// By which Quo's webhooks refer to it.
    id: String,
    /// How far it is, such as `queued`, `sent` or `delivered`.
    status: String,
    /// What it was sent from.
    from: String,
    /// Who gets it.
    to: Vec<String>,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// When Quo took it.
    created_at: String,
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;

    fn sent() -> Reply {
        let message = json!({
            "id": "AC123abc", "to": ["+15551230000"], "from": "+15550100", "text": "Hello", "phoneNumberId": "PN123abc",
            "direction": "outgoing", "userId": "US123abc", "status": "queued",
            "createdAt": "2026-11-27T10:00:00Z", "updatedAt": "2026-11-27T10:00:00Z",
        });
        Reply::json(202, &json!({"data": message}))
    }

    fn run(config: Value, reply: Reply) -> Ran {
        testing::plugin(crate::plugin())
            .node("quo", config)
            .connected_app("quo", &json!({}))
            .reply(reply)
            .run()
    }

    fn little() -> Value {
        json!({"operation": "send_sms", "from": "+15550100", "to": ["+15551230000"], "textBody": "Hello"})
    }

    fn body(ran: &Ran) -> Value {
        serde_json::from_str(ran.requests[0].text()).unwrap()
    }

    #[test]
    fn a_message_is_sent_as_the_documentation_has_it() {
        let ran = run(little(), sent());
        let request = &ran.requests[0];
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "https://api.openphone.com/v1/messages")
        );
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.credential.as_deref(), Some("default"));
        assert_eq!(
            body(&ran),
            json!({"from": "+15550100", "to": ["+15551230000"], "content": "Hello"})
        );
        assert_eq!(ran.output()["phoneNumberId"], "PN123abc");
        assert_eq!(ran.output()["status"], "queued");
    }

    #[test]
    fn everything_that_can_be_said_is_sent() {
        let mut config = little();
        config["to"] = json!(["+1 (555) 123-0000", "+4930901820"]);
        config["userId"] = "US123abc".into();
        config["setInboxStatus"] = "done".into();
        // The host has put what the message says into the members beside it; the message itself is nothing that Quo knows.
        config["template"] = json!({"textBody": "Hello", "from": "+15550100"});
        assert_eq!(
            body(&run(config, sent())),
            json!({
                "from": "+15550100", "to": ["+15551230000", "+4930901820"], "content": "Hello", "userId": "US123abc",
                "setInboxStatus": "done",
            })
        );
    }

    #[test]
    fn what_quo_refuses_is_told_with_its_words() {
        let error = json!({
            "message": "The input was invalid", "docs": "https://www.quo.com/docs", "title": "Bad Request", "code": "0200400",
            "trace": "6897907457496870895",
            "errors": [{"path": "/content", "message": "Expected string length less or equal to 1600", "value": "…", "schema": {}}],
        });
        let ran = run(little(), Reply::json(400, &error));
        let told = ran.error();
        assert_eq!(told.code, "ERROR_0200400");
        assert!(
            told.message
                .contains("Expected string length less or equal to 1600."),
            "{told}"
        );
        assert!(!told.retryable);

        let unpaid = json!({"message": "The organization does not have enough prepaid credits to send the message", "title": "Not Enough Credits", "trace": "1"});
        let ran = run(little(), Reply::json(402, &unpaid));
        assert_eq!(ran.error().code, "NOT_ENOUGH_CREDITS");
        assert!(!ran.error().retryable);
    }

    #[test]
    fn what_may_pass_is_worth_another_try() {
        let limited =
            json!({"message": "Too many requests", "title": "Too Many Requests", "trace": "1"});
        let ran = run(little(), Reply::json(429, &limited));
        let told = ran.error();
        assert!(told.retryable);
        assert_eq!(told.retry_after_ms, Some(1_000));
        assert!(run(little(), Reply::new(503)).error().retryable);
    }

    #[test]
    fn a_number_without_its_country_is_not_sent_to() {
        let mut config = little();
        config["to"] = json!(["555 0100"]);
        let ran = run(config, sent());
        assert_eq!(
            ran.error().to_string(),
            "INVALID_CONFIG: to[0] in the config of quo is not valid: `555 0100` is no phone number in the international form: write it with its country code, such as +15551230000."
        );
        assert!(ran.requests.is_empty());
    }
}
