use jackfield_plugin_sdk::testing::{self, Ran, Reply};

use super::*;
use crate::tests::as_the_sdk;

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin())
        .node("slack", config)
        .connected_app("slack", &json!({}));
    let stage = replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply));
    stage.run()
}

fn sent() -> Reply {
    Reply::json(
        200,
        &json!({"ok": true, "channel": "C0123456789", "ts": "1700000001.000200", "message": {"text": "Hello"}}),
    )
}

fn refused(error: &str) -> Reply {
    Reply::json(200, &json!({"ok": false, "error": error}))
}

fn little() -> Value {
    json!({"operation": "send_message", "channel": "#operations", "message": "Hello"})
}

fn blocks() -> Value {
    json!([
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Booked:* Ada & Söhne, <https://example.com/b/1|details>"}},
        {"type": "divider"},
    ])
}

fn with(mut config: Value, more: Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

#[track_caller]
fn sends(name: &str, config: Value) {
    let ran = run(config, [sent()]);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0]);
}

#[test]
fn a_message_is_sent_as_the_sdk_sends_it() {
    sends("send_message_with_little", little());
    sends(
        "send_message_in_markdown",
        with(
            little(),
            json!({"message": "**Hello**", "format": "markdown"}),
        ),
    );
    for blocks in [
        blocks(),
        json!({"blocks": blocks()}),
        blocks().to_string().into(),
    ] {
        let config =
            json!({"operation": "send_message", "channel": "#operations", "blocks": blocks});
        sends("send_message_of_blocks", config);
    }
    let config = json!({
        "operation": "send_message", "channel": "C0123456789", "message": "Booked: Ada & Söhne", "blocks": blocks(),
        "thread": "1700000000.000100", "replyBroadcast": true, "attachments": [{"color": "#36a64f", "text": "120 EUR"}],
        "unfurlLinks": false, "unfurlMedia": true, "username": "Bookings", "iconEmoji": ":broom:",
        "iconUrl": "https://example.com/broom.png", "linkNames": true, "format": "plain",
        "metadata": {"eventType": "booking_confirmed", "eventPayload": {"id": "bk_1"}},
    });
    sends("send_message", config);
    let ran = run(little(), [sent()]);
    assert_eq!(ran.output()["message"]["text"], "Hello");
    assert!(!ran.requests[0].repeatable);
}

#[test]
fn a_reply_to_a_reply_goes_to_its_thread() {
    let link = "https://acme.slack.com/archives/C0123456789/p1700000001000200?thread_ts=1700000000.000100&cid=C0123456789";
    let ran = run(with(little(), json!({"thread": link})), [sent()]);
    let thread = ("thread_ts".to_owned(), "1700000000.000100".to_owned());
    assert!(ran.requests[0].form().contains(&thread));
}

#[test]
fn a_message_without_anything_is_not_sent() {
    let empty = json!({"operation": "send_message", "channel": "#operations", "message": ""});
    for (config, message) in [
        (
            empty,
            "INVALID_CONFIG: message is missing: say something, or give the message blocks.",
        ),
        (
            with(little(), json!({"format": "markdown", "blocks": blocks()})),
            "INVALID_CONFIG: format cannot be markdown where there are blocks or attachments: Slack takes one or the other.",
        ),
        (
            with(little(), json!({"blocks": "*Booked*"})),
            "INVALID_CONFIG: blocks in the config of slack is not valid: this is no list of blocks: copy it from Block Kit Builder, \
             with or without the braces around it.",
        ),
    ] {
        let ran = run(config, []);
        assert_eq!(ran.error().to_string(), message);
    }
}

#[test]
fn a_channel_is_created_as_the_sdk_creates_it() {
    let created = || {
        Reply::json(
            200,
            &json!({"ok": true, "channel": {"id": "C0123456790", "name": "job-12"}}),
        )
    };
    let little = json!({"operation": "create_channel", "name": "job-12"});
    let ran = run(little.clone(), [created()]);
    as_the_sdk("create_channel_with_little", &ran.requests[0]);
    assert_eq!(ran.output()["channel"]["id"], "C0123456790");
    let config = with(
        little.clone(),
        json!({"private": true, "teamId": "T0123456789"}),
    );
    as_the_sdk("create_channel", &run(config, [created()]).requests[0]);
    let ran = run(little, [refused("name_taken")]);
    assert_eq!(
        ran.error().to_string(),
        "NAME_TAKEN: slack.com answered 200: name_taken. There is a channel with this name already."
    );
}

#[test]
fn a_reaction_is_put_as_the_sdk_puts_it() {
    let config = |channel: &str| {
        json!({
            "operation": "add_reaction", "channel": channel, "message": "1700000000.000100", "emoji": ":white_check_mark:",
        })
    };
    let done = || Reply::json(200, &json!({"ok": true}));
    let ran = run(config("C0123456789"), [done()]);
    as_the_sdk("add_reaction", &ran.requests[0]);
    assert!(ran.requests[0].repeatable);
    let again = run(config("C0123456789"), [refused("already_reacted")]);
    assert_eq!(again.output()["already"], true);

    // Slack takes no names here.
    let page = |name: &str, cursor: &str| {
        let channels = [json!({"id": "C0123456789", "name": name})];
        Reply::json(
            200,
            &json!({"ok": true, "channels": channels, "response_metadata": {"next_cursor": cursor}}),
        )
    };
    let ran = run(
        config("#operations"),
        [
            page("sales", "dGVhbTpDMDYx"),
            page("operations", ""),
            done(),
        ],
    );
    as_the_sdk("channels", &ran.requests[0]);
    as_the_sdk("add_reaction", &ran.requests[2]);
    let ran = run(config("#operations"), [page("sales", "")]);
    assert_eq!(
        ran.error().to_string(),
        "CHANNEL_NOT_FOUND: Slack shows the app no channel #operations: check the name, and invite the app where the channel is private."
    );
}

#[test]
fn what_slack_refuses_is_told_with_its_words() {
    let failed = |reply: Reply| run(little(), [reply]).error().clone();
    let blocks = json!({
        "ok": false, "error": "invalid_blocks", "errors": ["must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
        "response_metadata": {"messages": ["[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"]},
    });
    let error = failed(Reply::json(200, &blocks));
    assert_eq!(
        error.to_string(),
        "INVALID_BLOCKS: slack.com answered 200: must be more than 0 characters [json-pointer:/blocks/0/text/text]."
    );
    assert!(!error.retryable);
    let scope = json!({"ok": false, "error": "missing_scope", "needed": "chat:write", "provided": "channels:read"});
    let error = failed(Reply::json(200, &scope));
    assert!(
        error.message.contains("needs the scope chat:write"),
        "{error}"
    );
    assert!(!failed(refused("msg_too_long")).retryable);
    let token = failed(refused("invalid_auth"));
    assert_eq!(
        (token.code.as_str(), token.retryable),
        ("CREDENTIAL", false)
    );
}

#[test]
fn what_may_pass_is_worth_another_try() {
    let failed = |reply: Reply| run(little(), [reply]).error().clone();
    let limited = Reply::json(429, &json!({"ok": false, "error": "ratelimited"}));
    let error = failed(limited.clone().header("Retry-After", "30"));
    assert_eq!(
        (error.code.as_str(), error.retryable, error.retry_after_ms),
        ("RATELIMITED", true, Some(30_000))
    );
    assert_eq!(failed(limited).retry_after_ms, Some(1_000));
    assert!(failed(refused("internal_error")).retryable);
    // Something of it may have been done.
    assert!(!failed(refused("fatal_error")).retryable);
    assert!(failed(Reply::new(503)).retryable);
}
