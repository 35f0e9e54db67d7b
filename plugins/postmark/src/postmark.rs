//! The node `postmark`: <https://postmarkapp.com/developer/api/email-api>.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::Message;
use jackfield_plugin_sdk::prelude::*;

use crate::api::api;

pub(crate) fn operations() -> Operations {
    let about = About::new("Postmark")
        .description("Sends e-mail through Postmark, from a template or as it is written, and says how deliveries went.")
        .icon("send")
        .provider("postmark")
        .input("data-in", "What the mail is about.")
        .output("data-out", "What Postmark says of the mail, or how deliveries went.")
        .output("error", "Why nothing was sent.")
        .documentation(include_str!("postmark/documentation.md"))
        .examples(include_str!("postmark/examples.json"));
    Operations::new("postmark", about)
        .operation::<SendTemplateEmail>()
        .operation::<SendEmail>()
        .operation::<DeliveryStats>()
}

/// Who a mail is from, and who gets it.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct Who {
    /// Who it is from: one of the connected app's sender addresses, or an address that Postmark knows. The sender of the message
    /// template, where there is one, or the default sender address unless given.
    #[field(resource = "sender_email", example = "Example <hello@example.com>")]
    from: String,
    /// Who gets it: an address, or several with commas between them; at most 50.
    #[field(min_length = 1, example = "ada@example.com")]
    to: String,
    /// Who gets a copy.
    cc: Option<String>,
    /// Who gets a copy that the others do not see.
    bcc: Option<String>,
}

/// What else can be said of a mail.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct More {
    /// Where answers go.
    #[field(advanced)]
    reply_to: Option<String>,
    /// By which it can be found at Postmark.
    #[field(advanced)]
    tag: Option<String>,
    /// Whether Postmark notices when it is opened.
    #[field(advanced)]
    track_opens: Option<bool>,
    /// Which links Postmark counts clicks on.
    #[field(advanced)]
    track_links: Option<TrackLinks>,
    /// The stream that it is sent through; `outbound` unless given.
    #[field(advanced, example = &"broadcasts")]
    message_stream: Option<String>,
    /// Further headers.
    #[field(advanced)]
    headers: Option<Vec<Header>>,
    /// What goes with it to Postmark's webhooks.
    #[field(advanced, widget = "key-value")]
    metadata: Option<BTreeMap<String, String>>,
    /// Files.
    #[field(advanced)]
    attachments: Option<Vec<Attachment>>,
}

/// Sends a mail that is made of one of Postmark's templates.
#[derive(Config, Rest)]
#[rest(post = "/email/withTemplate", api = api(), output = Whole<Sent>, names = "PascalCase")]
struct SendTemplateEmail {
    #[field(flatten)]
    who: Who,
    /// The template, by its number. One of the two names it.
    #[field(label = "Template ID")]
    template_id: Option<u64>,
    /// The template, by its alias.
    template_alias: Option<String>,
    /// The values that the template is filled with.
    #[field(default, widget = "code", language = "json", example = json!({"name": "{{ trigger.body.name }}"}))]
    template_model: BTreeMap<String, Value>,
    /// Whether styles are written into the elements, for mail programs that ignore style sheets. Postmark does unless told
    /// otherwise.
    #[field(advanced, label = "Inline CSS")]
    inline_css: Option<bool>,
    #[field(flatten)]
    more: More,
}

/// Sends a mail as it is written here.
#[derive(Config, Rest)]
#[rest(post = "/email", api = api(), output = Whole<Sent>, names = "PascalCase")]
struct SendEmail {
    /// A message template that says what it is about, its texts and who it is from, as far as that is not said here.
    #[field(label = "Message template", message_template = "email")]
    template: Option<Message>,
    #[field(flatten)]
    who: Who,
    /// What it is about.
    subject: String,
    /// Its text as HTML. One of the two texts is needed.
    #[field(label = "HTML body", widget = "code", language = "html")]
    html_body: Option<String>,
    /// Its text as it is.
    #[field(widget = "textarea")]
    text_body: Option<String>,
    #[field(flatten)]
    more: More,
}

/// Says how many mails could not be delivered, and why.
#[derive(Config, Rest)]
#[rest(get = "/deliverystats", api = api(), output = Whole<Stats>)]
struct DeliveryStats {}

/// Which links clicks are counted on.
#[derive(Config, Serialize)]
#[config(label = "Link tracking")]
#[serde(rename_all = "PascalCase")]
enum TrackLinks {
    /// None.
    None,
    /// Those of both texts.
    HtmlAndText,
    /// Those of the HTML text.
    HtmlOnly,
    /// Those of the plain text.
    TextOnly,
}

/// A header of a mail.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct Header {
    /// Such as `X-Booking`.
    name: String,
    /// What it says.
    value: String,
}

/// A file that goes with a mail.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct Attachment {
    /// Such as `receipt.pdf`.
    name: String,
    /// The file in base64.
    content: String,
    /// Such as `application/pdf`.
    content_type: String,
    /// By which the HTML text refers to it, such as `cid:logo.png`.
    #[field(label = "Content ID", body = "ContentID")]
    content_id: Option<String>,
}

/// What Postmark says of a mail that it took.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    /// By which Postmark's webhooks refer to it.
    #[serde(rename = "MessageID")]
    message_id: String,
    /// When Postmark took it.
    submitted_at: String,
    /// Who gets it.
    to: Option<String>,
}

/// How deliveries went.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Stats {
    /// Addresses that Postmark sends nothing to any more.
    inactive_mails: u64,
    /// How many mails came back, by the reason.
    bounces: Vec<Bounces>,
}

/// How many mails came back for one reason.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Bounces {
    /// The reason, such as `HardBounce`; absent for all together.
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The reason in words.
    name: String,
    /// How many.
    count: u64,
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, Ran, Reply};

    use super::*;

    fn captured() -> Captured {
        Captured::parse(include_str!("fixtures/captured.json"))
    }

    fn sent() -> Reply {
        Reply::json(
            200,
            &json!({"To": "ada@example.com", "SubmittedAt": "2026-11-27T10:00:00Z", "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817", "ErrorCode": 0, "Message": "OK"}),
        )
    }

    fn run(config: Value, reply: Reply) -> Ran {
        testing::plugin(crate::plugin())
            .node("postmark", config)
            .connected_app("postmark", &json!({}))
            .reply(reply)
            .run()
    }

    /// The node sends what the SDK sends; the tokens are the host's.
    #[track_caller]
    fn as_the_sdk(name: &str, config: Value, reply: Reply) {
        let ran = run(config, reply);
        assert!(ran.result.is_ok(), "{}", ran.error());
        let (request, headers) = (&ran.requests[0], ["accept", "content-type"]);
        captured().assert_sent(name, request, "https://api.postmarkapp.com", &headers);
    }

    fn everything(operation: &str) -> Value {
        json!({
            "operation": operation, "from": "hello@example.com", "to": "ada@example.com", "cc": "cc@example.com",
            "bcc": "bcc@example.com", "replyTo": "support@example.com", "tag": "receipt", "trackOpens": true,
            "trackLinks": "HtmlAndText", "messageStream": "outbound", "headers": [{"name": "X-Booking", "value": "bk_1"}],
            "metadata": {"booking": "bk_1"},
            "attachments": [{"name": "receipt.txt", "content": "aGk=", "contentType": "text/plain"}],
        })
    }

    #[test]
    fn a_mail_is_sent_as_the_sdk_sends_it() {
        let mut config = everything("send_email");
        config["subject"] = "Your receipt".into();
        config["htmlBody"] = "<p>Thanks</p>".into();
        config["textBody"] = "Thanks".into();
        as_the_sdk("send_email", config, sent());
        let little = json!({"operation": "send_email", "from": "hello@example.com", "to": "ada@example.com", "subject": "Hi", "textBody": "Thanks"});
        as_the_sdk("send_email_with_little", little, sent());
    }

    /// The host has put what the message says into the members beside it; the message itself is nothing that Postmark knows.
    #[test]
    fn a_mail_of_a_message_template_is_sent_as_the_sdk_sends_it() {
        let config = json!({
            "operation": "send_email", "from": "hello@example.com", "to": "ada@example.com", "subject": "Hi", "textBody": "Thanks",
            "template": {"subject": "Hi", "textBody": "Thanks", "from": "hello@example.com"},
        });
        as_the_sdk("send_email_with_little", config, sent());
    }

    #[test]
    fn a_template_is_sent_as_the_sdk_sends_it() {
        let mut config = everything("send_template_email");
        config["templateId"] = 1_234_567.into();
        config["templateModel"] = json!({"name": "Ada", "total": 129});
        config["inlineCss"] = true.into();
        as_the_sdk("send_template_email", config, sent());
        let by_alias = json!({"operation": "send_template_email", "from": "hello@example.com", "to": "ada@example.com", "templateAlias": "receipt"});
        as_the_sdk("send_template_email_by_alias", by_alias, sent());
    }

    #[test]
    fn statistics_are_asked_for_as_the_sdk_does() {
        let stats = json!({"InactiveMails": 2, "Bounces": [{"Name": "All", "Count": 3}, {"Type": "HardBounce", "Name": "Hard bounce", "Count": 3}]});
        let ran = run(
            json!({"operation": "delivery_stats"}),
            Reply::json(200, &stats),
        );
        // The SDK writes `/deliveryStats`, the documentation `/deliverystats`.
        let path = captured().request("delivery_stats")["path"].clone();
        let sent = ran.requests[0]
            .url
            .strip_prefix("https://api.postmarkapp.com");
        assert_eq!(
            sent.map(Value::from),
            Some(path.as_str().unwrap().to_lowercase().into())
        );
        assert_eq!(ran.output(), stats);
    }

    #[test]
    fn what_postmark_refuses_is_told_with_its_words() {
        let config = json!({"operation": "send_email", "from": "x@example.com", "to": "ada@example.com", "subject": "Hi", "textBody": "Thanks"});
        let said = "The 'From' address you supplied (x@example.com) is not a Sender Signature on your account.";
        let ran = run(
            config.clone(),
            Reply::json(422, &json!({"ErrorCode": 400, "Message": said})),
        );
        let error = ran.error();
        assert!(error.message.contains(said), "{error}");
        assert!(!error.retryable);
        let limited = Reply::json(
            429,
            &json!({"ErrorCode": 429, "Message": "Rate limit exceeded"}),
        );
        assert!(run(config, limited).error().retryable);
    }

    #[test]
    fn without_a_sender_nothing_is_sent() {
        let config = json!({"operation": "send_email", "to": "ada@example.com", "subject": "Hi"});
        let ran = run(config, sent());
        assert_eq!(ran.error().code, "INVALID_CONFIG");
        assert!(ran.requests.is_empty());
    }
}
