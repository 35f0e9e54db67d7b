use http::Method;
use jackfield_storage::{
    access::{Permit, Read},
    event,
    inbound_hook::{Format, HookConfig, Respond, Scheme},
    run,
};
use jackfield_webhooks::inbound::{Accepted, Answer, InboundRequest};
use serde_json::{Value, json};

use crate::setting::{Setting, post};

const SIGNED_AT: i64 = 1_700_000_000;
const BODY: &str = r#"{"id":"evt_1"}"#;
/// Made by Stripe's library for [`BODY`] with the secret `whsec_test`.
const SIGNATURE: &str =
    "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";

async fn stripe() -> Setting {
    let config = HookConfig {
        scheme: Scheme::Stripe,
        ..HookConfig::default()
    };
    Setting::new(config, json!("whsec_test"), SIGNED_AT).await
}

async fn open(format: Format) -> Setting {
    let config = HookConfig {
        format: Some(format),
        ..HookConfig::default()
    };
    Setting::new(config, Value::Null, SIGNED_AT).await
}

fn accepted(answer: Answer) -> Accepted {
    match answer {
        Answer::Accepted(accepted) => accepted,
        other => panic!("not accepted: {other:?}"),
    }
}

fn rejected(answer: Answer) -> String {
    match answer {
        Answer::Rejected(rejected) => format!(
            "{} {}: {}",
            rejected.status.as_u16(),
            rejected.code,
            rejected.message
        ),
        other => panic!("not rejected: {other:?}"),
    }
}

#[tokio::test]
async fn a_signed_event_is_stored_with_the_run_that_it_starts() {
    let setting = stripe().await;
    let accepted = accepted(setting.post(&[("stripe-signature", SIGNATURE)], BODY).await);

    assert_eq!(
        (accepted.respond, accepted.duplicate, accepted.runs.len()),
        (Respond::Immediately, false, 1)
    );
    let (workspace, _) = setting.store.ensure_default_workspace().await.unwrap();
    let read = Permit::<Read>::system(workspace.id, "test");
    let event = event::find(setting.store.reader(), &read, accepted.event_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (event.data.as_str(), event.source.as_str()),
        (BODY, "stripe")
    );
    let run = run::find(setting.store.reader(), &read, accepted.runs[0])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (run.event_id, run.trigger_key.as_str()),
        (Some(event.id), "got")
    );
    assert_eq!(run.input.value()["body"], json!({"id": "evt_1"}));
    assert_eq!(run.input.value()["event"]["id"], event.id.to_string());
}

#[tokio::test]
async fn a_repeated_delivery_is_the_same_event_and_starts_nothing() {
    let setting = stripe().await;
    let headers = [("stripe-signature", SIGNATURE)];
    let (one, other) = tokio::join!(setting.post(&headers, BODY), setting.post(&headers, BODY));
    let (one, other) = (accepted(one), accepted(other));

    assert_eq!(one.event_id, other.event_id);
    assert_eq!(one.runs.len() + other.runs.len(), 1);
    assert!(accepted(setting.post(&headers, BODY).await).duplicate);
    assert_eq!(setting.runs().await, 1);
}

#[tokio::test]
async fn what_is_refused_leaves_a_trace_and_starts_nothing() {
    let setting = stripe().await;
    let signed = [("stripe-signature", SIGNATURE)];
    let get = InboundRequest {
        method: Method::GET,
        ..post(&signed, "")
    };
    let said = [
        rejected(setting.post(&signed, r#"{"id":"evt_2"}"#).await),
        rejected(setting.post(&[], BODY).await),
        rejected(
            setting
                .post(&[signed[0], ("content-type", "text/html")], BODY)
                .await,
        ),
        rejected(
            setting
                .post(&[signed[0], ("content-encoding", "gzip")], BODY)
                .await,
        ),
        rejected(setting.post(&signed, &" ".repeat(10_001)).await),
        rejected(setting.inbound.accept(get).await.unwrap()),
    ];
    setting.clock.advance(std::time::Duration::from_secs(301));
    let stale = rejected(setting.post(&signed, BODY).await);

    insta::assert_snapshot!(said.join("\n"), @"
    401 WRONG_SIGNATURE: no signature fits the body and the secret
    401 MISSING_SIGNATURE: stripe-signature is missing
    415 UNSUPPORTED_MEDIA_TYPE: this webhook expects JSON: send Content-Type: application/json
    415 UNSUPPORTED_MEDIA_TYPE: send the body without Content-Encoding
    413 BODY_TOO_LARGE: the body is larger than the 10000 bytes that are accepted
    405 METHOD_NOT_ALLOWED: send webhooks by POST; allowed here: POST
    ");
    insta::assert_snapshot!(stale, @"401 STALE_SIGNATURE: the signed time is 301 s away from the server's clock, more than the 300 s allowed");
    insta::assert_snapshot!(setting.traces().await.join("\n"), @"
    WRONG_SIGNATURE: no signature fits the body and the secret (14 bytes)
    MISSING_SIGNATURE: stripe-signature is missing (14 bytes)
    UNSUPPORTED_MEDIA_TYPE: this webhook expects JSON: send Content-Type: application/json (14 bytes)
    UNSUPPORTED_MEDIA_TYPE: send the body without Content-Encoding (14 bytes)
    BODY_TOO_LARGE: the body is larger than the 10000 bytes that are accepted (10001 bytes)
    METHOD_NOT_ALLOWED: send webhooks by POST; allowed here: POST (0 bytes)
    STALE_SIGNATURE: the signed time is 301 s away from the server's clock, more than the 300 s allowed (14 bytes)
    ");
    assert_eq!(setting.runs().await, 0);
}

#[tokio::test]
async fn a_verified_body_that_cannot_be_read_is_refused_with_the_reason() {
    let setting = open(Format::Json).await;

    insta::assert_snapshot!(rejected(setting.post(&[], r#"{"open": "#).await), @"400 MALFORMED_BODY: the body is not JSON that can be read: EOF while parsing a value at line 1 column 9");
    assert_eq!(setting.traces().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_address_says_nothing() {
    let setting = stripe().await;
    let request = InboundRequest {
        token: "t0k3".into(),
        ..post(&[("stripe-signature", SIGNATURE)], BODY)
    };

    insta::assert_snapshot!(rejected(setting.inbound.accept(request).await.unwrap()), @"404 NOT_FOUND: there is no webhook at this address");
    assert_eq!(setting.traces().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_unpublished_hook_is_gone() {
    let setting = stripe().await;
    setting.unpublish().await;

    insta::assert_snapshot!(rejected(setting.post(&[("stripe-signature", SIGNATURE)], BODY).await), @"410 GONE: this webhook is not active: publish its workflow to receive again");
    assert_eq!(setting.runs().await, 0);
}

#[tokio::test]
async fn an_open_hook_takes_every_delivery_for_a_new_event() {
    let setting = open(Format::Form).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let first = accepted(setting.post(&form, "a=1&b=2").await);
    let second = accepted(setting.post(&form, "a=1&b=2").await);

    assert_ne!(first.event_id, second.event_id);
    assert_eq!(setting.runs().await, 2);
}

#[tokio::test]
async fn slack_gets_its_challenge_back_and_nothing_is_stored() {
    let config = HookConfig {
        scheme: Scheme::Slack,
        ..HookConfig::default()
    };
    let setting = Setting::new(config, json!("8f742231b10e8888abcd99yyyzzz85a5"), SIGNED_AT).await;
    let body = r#"{"type":"url_verification","challenge":"3eZb"}"#;
    let signature = {
        let key = aws_lc_rs::hmac::Key::new(
            aws_lc_rs::hmac::HMAC_SHA256,
            b"8f742231b10e8888abcd99yyyzzz85a5",
        );
        let content = format!("v0:{SIGNED_AT}:{body}");
        format!(
            "v0={}",
            hex::encode(aws_lc_rs::hmac::sign(&key, content.as_bytes()))
        )
    };
    let headers = [
        ("x-slack-request-timestamp", "1700000000"),
        ("x-slack-signature", signature.as_str()),
    ];

    assert_eq!(
        setting.post(&headers, body).await,
        Answer::Challenge("3eZb".to_owned().into())
    );
    assert_eq!(setting.runs().await, 0);
}
