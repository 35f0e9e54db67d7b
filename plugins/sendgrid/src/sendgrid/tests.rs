use jackfield_plugin_sdk::testing::{self, Captured, Ran, Reply, SentRequest, Theatre};

use super::*;

fn stage() -> Theatre {
    testing::plugin(crate::plugin())
}

fn run(config: Value, reply: Reply) -> Ran {
    let stage = stage().node("sendgrid", config);
    stage
        .connected_app("sendgrid", &json!({}))
        .reply(reply)
        .run()
}

/// What is sent is what the SDK sends; the key is the host's. The SDK's slip is told of beside the script that captured it.
#[track_caller]
pub(crate) fn as_the_sdk(name: &str, request: &SentRequest, headers: &[&str]) {
    let captured = include_str!("../fixtures/captured.json").replace("contentId", "content_id");
    Captured::parse(&captured).assert_sent(name, request, "https://api.sendgrid.com", headers);
}

fn taken() -> Reply {
    Reply::new(202).header("X-Message-Id", "m1")
}

#[track_caller]
fn sends(name: &str, config: Value) {
    let ran = run(config, taken());
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0], &["accept", "content-type"]);
    assert_eq!(ran.output(), json!({"messageId": "m1"}));
}

fn little() -> Value {
    json!({"operation": "send_email", "from": "hello@example.com", "to": "ada@example.com", "subject": "Hi", "textBody": "Thanks"})
}

#[test]
fn a_mail_is_sent_as_the_sdk_sends_it() {
    let config = json!({
        "operation": "send_email", "from": "Example <hello@example.com>", "to": "Ada <ada@example.com>, bob@example.com",
        "cc": "cc@example.com", "bcc": "bcc@example.com", "replyTo": "support@example.com", "subject": "Your receipt",
        "textBody": "Thanks", "htmlBody": "<p>Thanks</p>", "categories": ["receipts", "spring"], "headers": {"X-Booking": "bk_1"},
        "customArgs": {"booking": "bk_1"},
        "attachments": [
            {"content": "aGk=", "filename": "receipt.txt", "type": "text/plain", "disposition": "attachment"},
            {"content": "aGk=", "filename": "logo.png", "type": "image/png", "disposition": "inline", "contentId": "logo"},
        ],
        "sendAt": "2026-12-24T10:00:00+01:00", "batchId": "batch", "unsubscribeGroup": 7, "unsubscribeGroupsShown": [7, 8],
        "ipPoolName": "receipts", "sandbox": true, "trackClicks": true, "trackOpens": false,
    });
    sends("send_email", config);
    sends("send_email_with_little", little());
}

/// The host has put what the message says into the members beside it.
#[test]
fn a_message_template_is_sent_as_a_mail() {
    let mut config = little();
    config["template"] =
        json!({"subject": "Hi", "textBody": "Thanks", "from": "hello@example.com"});
    sends("send_email_with_little", config);
}

#[test]
fn a_dynamic_template_says_the_rest() {
    let config = json!({
        "operation": "send_email", "from": "hello@example.com", "to": "ada@example.com", "templateId": "d-1",
        "dynamicTemplateData": {"name": "Ada", "orderItems": [{"unitPrice": 129}]},
    });
    sends("send_email_of_a_template", config);
}

#[test]
fn each_recipient_may_get_a_mail_of_their_own() {
    let mut config = little();
    config["from"] = "Example <hello@example.com>".into();
    config["to"] = "Ada <ada@example.com>, bob@example.com".into();
    config["separately"] = true.into();
    sends("send_email_separately", config);
}

#[test]
fn several_addresses_may_get_the_answers() {
    let mut config = little();
    config["replyTo"] = "a@example.com, b@example.com".into();
    let ran = run(config, taken());
    let body: Value = serde_json::from_str(ran.requests[0].text()).unwrap();
    assert_eq!(
        body["reply_to_list"],
        json!([{"email": "a@example.com"}, {"email": "b@example.com"}])
    );
    assert_eq!(body.get("reply_to"), None);
}

#[test]
fn the_settings_of_the_app_name_region_and_subuser() {
    let stage = stage().node("sendgrid", little());
    let stage = stage.connected_app("sendgrid", &json!({"region": "eu", "subuser": "branch"}));
    let ran = stage.reply(taken()).run();
    assert_eq!(
        ran.requests[0].url,
        "https://api.eu.sendgrid.com/v3/mail/send"
    );
    assert_eq!(ran.requests[0].header("on-behalf-of"), Some("branch"));
}

#[test]
fn what_sendgrid_refuses_is_told_with_its_words() {
    let said = "The from address does not match a verified Sender Identity.";
    let errors = json!({"errors": [{"message": said, "field": "from", "help": null}, {"message": "Invalid type", "field": "send_at", "help": null}]});
    let ran = run(little(), Reply::json(400, &errors));
    let error = ran.error();
    assert_eq!(
        error.to_string(),
        format!("HTTP_400: api.sendgrid.com answered 400: {said} send_at: Invalid type.")
    );
    assert!(!error.retryable);
    let data: Value = serde_json::from_str(error.data.as_ref().unwrap().get()).unwrap();
    assert_eq!(data, errors);
    let invalid = json!({"errors": [{"message": "The provided authorization grant is invalid, expired, or revoked", "field": null}]});
    assert_eq!(
        run(little(), Reply::json(401, &invalid)).error().code,
        "CREDENTIAL"
    );

    let limited = Reply::json(
        429,
        &json!({"errors": [{"field": null, "message": "too many requests"}]}),
    )
    .header("X-RateLimit-Reset", "1764324005")
    .header("Date", "Fri, 28 Nov 2025 10:00:00 GMT");
    let ran = run(little(), limited);
    assert_eq!(
        (ran.error().retryable, ran.error().retry_after_ms),
        (true, Some(5_000))
    );
    assert!(run(little(), Reply::new(503)).error().retryable);
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let refused = |member: &str, value: Value| {
        let mut config = little();
        config[member] = value;
        let stage = stage().node("sendgrid", config);
        let ran = stage.connected_app("sendgrid", &json!({})).run();
        assert!(ran.requests.is_empty());
        ran.error().to_string()
    };
    assert_eq!(
        refused("to", "Ada".into()),
        "INVALID_CONFIG: to is no e-mail address: `Ada`. Write it like ada@example.com or Ada <ada@example.com>."
    );
    assert!(refused("to", " , ".into()).contains("say who gets the mail"));
    assert!(refused("textBody", Value::Null).contains("one of htmlBody and textBody"));
    assert!(refused("sendAt", "tomorrow".into()).contains("no time with a time zone"));
    assert!(refused("sendAt", "2026-12-24T10:00:00".into()).contains("no time with a time zone"));
}

#[test]
fn choices_are_those_of_the_account() {
    let templates = json!({
        "result": [{"id": "d-1", "name": "Receipt", "generation": "dynamic", "versions": [{"active": 0, "subject": "Old"}, {"active": 1, "subject": "Your receipt"}]}],
        "_metadata": {"next": "https://api.sendgrid.com/v3/templates?generations=dynamic&page_size=100&page_token=abc%3D", "count": 101},
    });
    let ran = stage()
        .options("sendgrid", "templates", json!({}))
        .connected_app("sendgrid", &json!({}));
    let ran = ran.reply(Reply::json(200, &templates)).run();
    as_the_sdk("templates", &ran.requests[0], &["accept"]);
    assert_eq!(
        ran.output(),
        json!({"options": [{"value": "d-1", "label": "Receipt", "description": "Your receipt"}], "cursor": "abc="})
    );
    let groups = json!([{"id": 7, "name": "Receipts", "description": "What you bought", "is_default": true, "unsubscribes": 1}]);
    let ran = stage()
        .options("sendgrid", "unsubscribe_groups", json!({}))
        .connected_app("sendgrid", &json!({}));
    let ran = ran.reply(Reply::json(200, &groups)).run();
    as_the_sdk("unsubscribe_groups", &ran.requests[0], &["accept"]);
    assert_eq!(
        ran.output(),
        json!({"options": [{"value": 7, "label": "Receipts", "description": "What you bought"}]})
    );
}
