//! Messages that come in, and what becomes of those that were sent.

use anyhow::{Result, ensure};
use jackfield_tests::{
    Client, Engine, HookAnswer, Jackfield, Twilio, TwilioApp, Workflow, graph, node, node_of_app,
    on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![
    messages_and_their_statuses_start_workflows,
    a_message_that_comes_in_is_answered,
    what_twilio_has_not_signed_is_not_believed,
];

const MESSAGE: &[(&str, &str)] = &[
    ("MessageSid", "SM1"),
    ("SmsStatus", "received"),
    ("From", "+15551230000"),
    ("To", "+15550100"),
    ("Body", "Call me — today & tomorrow"),
    ("NumMedia", "0"),
];

const STATUS: &[(&str, &str)] = &[
    ("MessageSid", "SM2"),
    ("MessageStatus", "undelivered"),
    ("ErrorCode", "30003"),
    ("From", "+15550100"),
    ("To", "+15551230000"),
];

/// A workflow that starts with these events, and shows them.
async fn listening(owner: &Client, app: &TwilioApp, events: &[&str]) -> Result<Workflow> {
    let trigger = node_of_app("told", "twilio-event", &app.id, json!({"events": events}));
    let values = json!({"values": {
        "contact": "{{ trigger.body.contact }}", "text": "{{ trigger.body.text }}", "error": "{{ trigger.body.errorCode }}",
        "twilio": "{{ trigger.event.type }}",
    }});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    owner.publish(events[0], definition).await
}

async fn messages_and_their_statuses_start_workflows(engine: Engine) -> Result<()> {
    let twilio = Twilio::start(&["+15550100"]).await?;
    let jackfield = Jackfield::with(engine, &["twilio"]).await?;
    let owner = jackfield.owner();
    let app = twilio.connect(&owner).await?;
    let messages = listening(&owner, &app, &["message.received"]).await?;
    let statuses = listening(&owner, &app, &["message.failed", "message.undelivered"]).await?;
    for form in [MESSAGE, STATUS, STATUS] {
        let answer = app.post(form).await?;
        ensure!(answer.status == 200, "{answer:?}");
        assert_eq!(twiml(&answer), "<Response/>");
    }
    let message = owner.ended_runs_of(&messages, 1).await?;
    let expected = json!({
        "contact": "+15551230000", "text": "Call me — today & tomorrow", "error": null, "twilio": "twilio.message.received",
    });
    assert_eq!(message[0]["output"], expected);
    let status = owner.ended_runs_of(&statuses, 1).await?;
    assert_eq!(status.len(), 1);
    let expected = json!({"contact": "+15551230000", "text": null, "error": "30003", "twilio": "twilio.message.undelivered"});
    assert_eq!(status[0]["output"], expected);
    jackfield.finish().await
}

async fn a_message_that_comes_in_is_answered(engine: Engine) -> Result<()> {
    let twilio = Twilio::start(&["+15550100"]).await?;
    let jackfield = Jackfield::with(engine, &["twilio"]).await?;
    let owner = jackfield.owner();
    let app = twilio.connect(&owner).await?;
    // With nobody who listens there is nothing to say.
    assert_eq!(twiml(&app.post(STATUS).await?), "<Response/>");
    let config = json!({"events": ["message.received"], "reply": "We call you & soon."});
    let trigger = node_of_app("told", "twilio-event", &app.id, config);
    let definition = graph(
        [trigger, node("seen", "set", json!({"values": {}}))],
        &["told -> seen"],
    );
    let messages = owner.publish("Answer", definition).await?;
    // A repeat starts nothing, and is answered like the first.
    for _ in 0..2 {
        assert_eq!(
            twiml(&app.post(MESSAGE).await?),
            "<Response><Message>We call you &amp; soon.</Message></Response>"
        );
    }
    assert_eq!(owner.ended_runs_of(&messages, 1).await?.len(), 1);
    jackfield.finish().await
}

/// What Twilio is told to do.
#[track_caller]
fn twiml(answer: &HookAnswer) -> &str {
    assert_eq!(answer.headers["content-type"], "text/xml", "{answer:?}");
    let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    answer.text.strip_prefix(head).expect("a document of XML")
}

async fn what_twilio_has_not_signed_is_not_believed(engine: Engine) -> Result<()> {
    let twilio = Twilio::start(&["+15550100"]).await?;
    let jackfield = Jackfield::with(engine, &["twilio"]).await?;
    let owner = jackfield.owner();
    let app = twilio.connect(&owner).await?;
    let messages = listening(&owner, &app, &["message.received"]).await?;
    let unsigned = app.post_with(MESSAGE, &[]).await?;
    let forged = app
        .post_with(
            MESSAGE,
            &[("x-twilio-signature", "eWgtMn/CRRYWVuiLQ94+EeNYQSc=")],
        )
        .await?;
    assert_eq!(
        (unsigned.status, forged.status),
        (401, 401),
        "{unsigned:?} {forged:?}"
    );
    assert_eq!(owner.runs_of(&messages).await?, Vec::<Value>::new());
    jackfield.finish().await
}
