use insta::assert_snapshot;
use jackfield_storage::Problem;
use jackfield_storage::message_template::MessageChannel;
use serde_json::json;

use super::{Message, Texts};
use crate::expression::Sample;

fn texts(subject: Option<&str>, html: Option<&str>, text: Option<&str>) -> Texts {
    Texts {
        subject: subject.map(str::to_owned),
        html_body: html.map(str::to_owned),
        text_body: text.map(str::to_owned),
    }
}

fn problems(channel: MessageChannel, texts: &Texts) -> String {
    let problems = Message::parse(channel, texts).err().unwrap_or_default();
    let told: Vec<_> = problems.iter().map(Problem::to_string).collect();
    told.join("\n")
}

#[test]
fn a_mail_has_a_subject_and_a_text() {
    let mail = |texts| problems(MessageChannel::Email, &texts);
    assert_eq!(mail(texts(Some("Hi"), None, Some("Hi"))), "");
    assert_eq!(mail(texts(Some("Hi"), Some("<p>Hi</p>"), None)), "");
    assert_snapshot!(mail(texts(None, None, None)), @"");
}

#[test]
fn a_text_message_has_a_plain_text_only() {
    let sms = |texts| problems(MessageChannel::Sms, &texts);
    assert_eq!(sms(texts(None, None, Some("Hi"))), "");
    assert_snapshot!(sms(texts(Some("Hi"), Some("<p>Hi</p>"), None)), @"");
}

#[test]
fn what_is_too_large_is_told_with_its_limit() {
    let mail = texts(
        Some(&"s".repeat(1_001)),
        Some(&"h".repeat(200 * 1024 + 1)),
        Some(&"t".repeat(64 * 1024 + 1)),
    );
    assert_snapshot!(problems(MessageChannel::Email, &mail), @"");
    let sms = texts(None, None, Some(&"t".repeat(10 * 1024 + 1)));
    assert_snapshot!(problems(MessageChannel::Sms, &sms), @"");
    let many = texts(Some("Hi"), None, Some(&"{{ 1 }}".repeat(1_001)));
    assert_snapshot!(problems(MessageChannel::Email, &many), @"");
}

#[test]
fn every_fault_of_an_expression_has_its_field_and_place() {
    let mail = texts(
        Some("{{ trigger.body.subject"),
        Some("<p>{{ customer.name }}</p>\n<p>{{ 1 | shout }}</p>"),
        Some("{{ }}"),
    );
    assert_snapshot!(problems(MessageChannel::Email, &mail), @"");
}

fn rendered(texts: &Texts, body: serde_json::Value) -> String {
    let message = Message::parse(MessageChannel::Email, texts).unwrap();
    let sample = Sample {
        trigger: json!({"body": body}),
        ..Sample::default()
    };
    match message.render(&sample.scope()) {
        Ok(rendered) => serde_json::to_string(&rendered).unwrap(),
        Err(error) => format!("{}: {error}", error.path()),
    }
}

#[test]
fn values_are_escaped_in_the_html_only() {
    let mail = texts(
        Some("For {{ trigger.body.name }}"),
        Some("<p>{{ trigger.body.name }}</p>"),
        Some("{{ trigger.body.name }}"),
    );
    assert_snapshot!(rendered(&mail, json!({"name": "A & <B>"})), @"");
}

#[test]
fn a_subject_cannot_smuggle_headers() {
    let mail = texts(Some("For {{ trigger.body.name }}"), None, Some("Hi"));
    let name = "Ada\r\nBcc: eve@example.com\n\n<script>";
    assert_snapshot!(rendered(&mail, json!({"name": name})), @"");
}

#[test]
fn what_is_missing_is_told_with_its_field() {
    let mail = texts(Some("Hi"), Some("<p>\n{{ trigger.body.nme }}</p>"), None);
    assert_snapshot!(rendered(&mail, json!({"name": "Ada"})), @"");
}
