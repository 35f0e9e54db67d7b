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
    assert_snapshot!(mail(texts(None, None, None)), @r#"
    subject: a mail needs a subject
    htmlBody: a mail needs a `htmlBody`, a `textBody` or both
    "#);
}

#[test]
fn a_text_message_has_a_plain_text_only() {
    let sms = |texts| problems(MessageChannel::Sms, &texts);
    assert_eq!(sms(texts(None, None, Some("Hi"))), "");
    assert_snapshot!(sms(texts(Some("Hi"), Some("<p>Hi</p>"), None)), @r#"
    textBody: a text message needs a `textBody`
    subject: a text message has no `subject`: leave it out
    htmlBody: a text message has no `htmlBody`: leave it out
    "#);
}

#[test]
fn what_is_too_large_is_told_with_its_limit() {
    let mail = texts(
        Some(&"s".repeat(1_001)),
        Some(&"h".repeat(200 * 1024 + 1)),
        Some(&"t".repeat(64 * 1024 + 1)),
    );
    assert_snapshot!(problems(MessageChannel::Email, &mail), @r#"
    subject: a subject has at most 1000 characters
    htmlBody: is 204801 bytes long, but may have at most 204800
    textBody: is 65537 bytes long, but may have at most 65536
    "#);
    let sms = texts(None, None, Some(&"t".repeat(10 * 1024 + 1)));
    assert_snapshot!(problems(MessageChannel::Sms, &sms), @"textBody: is 10241 bytes long, but may have at most 10240");
    let many = texts(Some("Hi"), None, Some(&"{{ 1 }}".repeat(1_001)));
    assert_snapshot!(problems(MessageChannel::Email, &many), @"textBody: a template has at most 1000 expressions");
}

#[test]
fn every_fault_of_an_expression_has_its_field_and_place() {
    let mail = texts(
        Some("{{ trigger.body.subject"),
        Some("<p>{{ customer.name }}</p>\n<p>{{ 1 | shout }}</p>"),
        Some("{{ }}"),
    );
    assert_snapshot!(problems(MessageChannel::Email, &mail), @r#"
    subject: this `{{` has no matching `}}`; write {{ "{{" }} to mean the two braces themselves, at character 1
    htmlBody: there is no `customer` here; in scope are trigger, steps, run, vars, at character 7
    htmlBody: there is no filter `shout`, at line 2, character 11
    textBody: the expression is empty, at character 1
    "#);
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
    assert_snapshot!(rendered(&mail, json!({"name": "A & <B>"})), @r#"{"subject":"For A & <B>","htmlBody":"<p>A &amp; &lt;B&gt;</p>","textBody":"A & <B>"}"#);
}

#[test]
fn a_subject_cannot_smuggle_headers() {
    let mail = texts(Some("For {{ trigger.body.name }}"), None, Some("Hi"));
    let name = "Ada\r\nBcc: eve@example.com\n\n<script>";
    assert_snapshot!(rendered(&mail, json!({"name": name})), @r#"{"subject":"For Ada Bcc: eve@example.com <script>","textBody":"Hi"}"#);
}

#[test]
fn what_is_missing_is_told_with_its_field() {
    let mail = texts(Some("Hi"), Some("<p>\n{{ trigger.body.nme }}</p>"), None);
    assert_snapshot!(rendered(&mail, json!({"name": "Ada"})), @"htmlBody: `trigger.body.nme` is undefined; add `| default(…)` if it may be missing, at line 2, character 4");
}
