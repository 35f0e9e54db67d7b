use jackfield_plugin_sdk::testing::{self, Ran, Reply, Stage};

use super::*;
use crate::tests::{as_the_sdk, connected};

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = connected(testing::plugin(crate::plugin()).node("facebook", config));
    let stage = replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply));
    stage.run()
}

fn post(more: Value) -> Value {
    with(json!({"operation": "create_post"}), &more)
}

fn messenger(more: Value) -> Value {
    with(
        json!({"operation": "send_message", "to": "2468013579"}),
        &more,
    )
}

fn whatsapp(more: Value) -> Value {
    let config = json!({
        "operation": "send_message", "channel": "whatsapp", "from": "106540352242922", "to": "+1 (555) 123-0000",
    });
    with(config, &more)
}

fn with(mut config: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

fn sent() -> Reply {
    Reply::json(
        200,
        &json!({"recipient_id": "2468013579", "message_id": "m_2"}),
    )
}

fn taken() -> Reply {
    let contacts = json!([{"input": "+15551230000", "wa_id": "15551230000"}]);
    let messages = json!([{"id": "wamid.2"}]);
    Reply::json(
        200,
        &json!({"messaging_product": "whatsapp", "contacts": contacts, "messages": messages}),
    )
}

fn refused(status: u16, error: Value) -> Reply {
    Reply::json(status, &json!({"error": error}))
}

#[track_caller]
fn sends(name: &str, config: Value, reply: Reply) -> Value {
    let ran = run(config, [reply]);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0]);
    ran.output()
}

#[test]
fn posts_are_made_as_the_sdk_makes_them() {
    let made = || Reply::json(200, &json!({"id": "104711_1"}));
    let config = post(json!({"message": "We are open on Monday.", "link": ""}));
    assert_eq!(
        sends("create_post_with_little", config, made()),
        json!({"id": "104711_1", "url": "https://www.facebook.com/104711_1"})
    );
    let config = post(json!({
        "message": "Spring is here.", "link": "https://example.com/spring", "publishAt": "2026-12-24T12:00:00+02:00", "page": "104711081500000",
    }));
    sends("create_post", config, made());
    let config = post(
        json!({"message": "Our new van.", "photo": "https://example.com/van.jpg", "published": false}),
    );
    // Of a picture that nobody sees there is no post.
    assert_eq!(
        sends("create_photo_post", config, made()),
        json!({"id": "104711_1", "url": "https://www.facebook.com/104711_1"})
    );
}

#[test]
fn messages_go_by_messenger_as_the_sdk_sends_them() {
    let config = messenger(json!({"text": "See you tomorrow at 10."}));
    assert_eq!(
        sends("send_message_with_little", config, sent()),
        json!({"messageId": "m_2", "recipient": "2468013579"})
    );
    let config = messenger(json!({
        "text": "Does 10 suit you?", "quickReplies": ["Yes", "No"], "replyTo": "m_1", "tag": "HUMAN_AGENT", "page": "104711081500000",
    }));
    sends("send_message", config, sent());
    let config = messenger(json!({
        "attachment": "https://example.com/invoice.pdf", "attachmentType": "file", "messagingType": "update",
    }));
    sends("send_attachment", config, sent());
}

#[test]
fn messages_go_by_whatsapp_as_the_sdk_sends_them() {
    let config = whatsapp(json!({"text": "See you tomorrow at 10."}));
    assert_eq!(
        sends("whatsapp_text_with_little", config, taken()),
        json!({"messageId": "wamid.2", "recipient": "15551230000"})
    );
    for (name, config) in [
        (
            "whatsapp_text",
            json!({"text": "See https://example.com/bookings/1", "previewUrl": true, "replyTo": "wamid.1"}),
        ),
        (
            "whatsapp_image",
            json!({"attachment": "https://example.com/van.png", "text": "Our van"}),
        ),
        (
            "whatsapp_document",
            json!({"attachment": "https://example.com/i/invoice.pdf?x=1", "attachmentType": "file"}),
        ),
        (
            "whatsapp_template_with_little",
            json!({"template": "hello_world"}),
        ),
        (
            "whatsapp_template",
            json!({
                "template": "appointment_reminder", "language": "de", "values": ["Ada", "10:00"],
                "components": [{"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.com/van.png"}}]}],
            }),
        ),
    ] {
        sends(name, whatsapp(config), taken());
    }
}

#[test]
fn what_cannot_be_sent_is_not() {
    for (config, told) in [
        (
            post(json!({})),
            "message is missing: say something, or give a link or a photo.",
        ),
        (
            post(json!({"link": "https://example.com", "photo": "https://example.com/a.jpg"})),
            "photo and link exclude each other: Facebook shows a picture or the preview of a link.",
        ),
        (
            post(json!({"message": "Hello", "publishAt": "tomorrow"})),
            "publishAt is no time with its zone: write it as in 2026-12-24T10:00:00Z.",
        ),
        (
            post(json!({"message": "Hello", "page": "acme/feed"})),
            "page is no id of Meta's, which has digits only, such as 106540352242922.",
        ),
        (
            messenger(json!({"text": "  "})),
            "text is missing: write the message, or give an attachment.",
        ),
        (
            messenger(json!({"text": "Hello", "attachment": "https://example.com/a.png"})),
            "text and attachment exclude each other in Messenger: send two messages.",
        ),
        (
            whatsapp(json!({})),
            "text is missing: write the message, or give a template or an attachment.",
        ),
        (
            whatsapp(json!({"text": "Hello", "from": null})),
            "from is missing: choose the WhatsApp number that it is sent from.",
        ),
        (
            whatsapp(json!({"text": "Hello", "template": "hello_world"})),
            "template says all that is sent: text and attachment have no place beside it. Its values are in values and components.",
        ),
        (
            whatsapp(
                json!({"text": "Hello", "attachment": "https://example.com/a.mp3", "attachmentType": "audio"}),
            ),
            "text has no place beside audio in WhatsApp: send two messages.",
        ),
        (
            whatsapp(json!({"text": "Hello", "to": "555 0100"})),
            "to: `555 0100` is no phone number in the international form: write it with its country code, such as +15551230000.",
        ),
    ] {
        let ran = run(config, []);
        assert_eq!(ran.error().to_string(), format!("INVALID_CONFIG: {told}"));
        assert!(ran.requests.is_empty());
    }
}

#[test]
fn what_meta_refuses_is_told_with_its_words() {
    let config = || whatsapp(json!({"text": "Hello"}));
    let error = json!({
        "message": "(#131030) Recipient phone number not in allowed list", "type": "OAuthException", "code": 131_030,
        "error_data": {"messaging_product": "whatsapp", "details": "Recipient phone number not in allowed list: Add it to the list."},
        "fbtrace_id": "AI5Ob2z72R0JAUB5zOF-nao",
    });
    let ran = run(config(), [refused(400, error)]);
    assert_eq!(
        ran.error().to_string(),
        "ERROR_131030: graph.facebook.com answered 400: (#131030) Recipient phone number not in allowed list. Recipient phone number not \
         in allowed list: Add it to the list."
    );
    assert!(!ran.error().retryable);
    let error = json!({
        "message": "Invalid parameter", "type": "OAuthException", "code": 100, "error_subcode": 1_363_047, "is_transient": false,
        "error_user_title": "Posting problem", "error_user_msg": "The time is too soon.", "fbtrace_id": "A",
    });
    let ran = run(post(json!({"message": "Hello"})), [refused(400, error)]);
    assert_eq!(
        ran.error().to_string(),
        "ERROR_100: graph.facebook.com answered 400: Invalid parameter. The time is too soon."
    );
    let gone =
        json!({"message": "Error validating access token", "type": "OAuthException", "code": 190});
    assert_eq!(
        run(config(), [refused(401, gone)]).error().code,
        "CREDENTIAL"
    );
}

/// Meta tells limits with the statuses of mistakes.
#[test]
fn what_may_pass_is_worth_another_try() {
    let failed = |status: u16, code: u32, is_transient: bool| {
        let error = json!({"message": "Later", "type": "OAuthException", "code": code, "is_transient": is_transient});
        run(
            messenger(json!({"text": "Hello"})),
            [refused(status, error)],
        )
        .error()
        .retryable
    };
    for (status, code, is_transient, is_retryable) in [
        (400, 4, false, true),
        (403, 32, false, true),
        (400, 613, false, true),
        (429, 130_429, false, true),
        (400, 131_056, false, true),
        (500, 2, true, true),
        (400, 1_200, true, true),
        (400, 100, false, false),
        (403, 200, false, false),
    ] {
        assert_eq!(failed(status, code, is_transient), is_retryable, "{code}");
    }
    let limited =
        refused(429, json!({"message": "Later", "code": 80_007})).header("Retry-After", "7");
    let ran = run(messenger(json!({"text": "Hello"})), [limited]);
    assert_eq!(ran.error().retry_after_ms, Some(7_000));
    let silent = run(messenger(json!({"text": "Hello"})), [Reply::new(503)]);
    assert!(silent.error().retryable);
}

fn options(source: &str) -> Stage {
    testing::plugin(crate::plugin()).options("facebook", source, json!({}))
}

#[test]
fn numbers_and_templates_are_listed_as_the_sdk_does() {
    let number = json!({"id": "106540352242922", "display_phone_number": "+1 555-078-3881", "verified_name": "Acme Cleaning"});
    let answer = json!({"data": [number], "paging": {"cursors": {"before": "MA", "after": "MQ"}}});
    let ran = connected(options("whatsapp_numbers"))
        .reply(Reply::json(200, &answer))
        .run();
    as_the_sdk("numbers", &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"options": [{"value": "106540352242922", "label": "+1 555-078-3881", "description": "Acme Cleaning"}]})
    );
    let template =
        json!({"name": "hello_world", "language": "en_US", "status": "APPROVED", "id": "1"});
    let paging = json!({"cursors": {"before": "MA", "after": "MTAw"}, "next": "https://graph.facebook.com/…"});
    let answer = json!({"data": [template], "paging": paging});
    let ran = connected(options("whatsapp_templates"))
        .reply(Reply::json(200, &answer))
        .run();
    let found =
        json!([{"value": "hello_world", "label": "hello_world", "description": "en_US, APPROVED"}]);
    assert_eq!(ran.output(), json!({"options": found, "cursor": "MTAw"}));
    let next = json!({"source": "whatsapp_templates", "cursor": "MTAw"});
    let ran = connected(options("whatsapp_templates").input(&next))
        .reply(Reply::json(200, &answer))
        .run();
    as_the_sdk("templates", &ran.requests[0]);
}

#[test]
fn without_an_account_there_is_nothing_to_choose_from() {
    let ran = options("whatsapp_numbers")
        .connected_app("facebook", &json!({}))
        .run();
    assert_eq!(
        ran.error().to_string(),
        "INVALID_CONFIG: It is not known which WhatsApp Business account it is: set businessAccountId in the settings of the connected app."
    );
}
