//! Mails that are sent.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Reply, SendGrid, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_key_is_tested_before_it_is_stored,
    mails_go_out_from_the_senders_of_the_account,
    what_goes_wrong_leaves_by_the_error_port,
    a_mail_under_way_is_sent_again_only_where_that_is_wanted,
];

const HELLO: &str = "hello@example.com";

/// A workflow that sends a mail, with more in its config.
fn sends(app: &Value, more: Value) -> Value {
    let mut config = json!({"operation": "send_email", "to": "Ada <ada@example.com>"});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    start_then_or_excuse(node_of_app("mail", "sendgrid", app, config))
}

fn thanks() -> Value {
    json!({"subject": "Hi", "textBody": "Thanks"})
}

async fn a_key_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let sendgrid = SendGrid::start(&[]).await?;
    let jackfield = Jackfield::with(engine, &["sendgrid"]).await?;
    let owner = jackfield.owner();
    sendgrid.connect(&owner).await?;
    let tested = &sendgrid.outside.requests_to("/v3/scopes")[0];
    assert_eq!(
        tested.header("authorization"),
        "Bearer SG.key-of-the-account"
    );
    let said = "The provided authorization grant is invalid, expired, or revoked";
    sendgrid
        .outside
        .answer("/v3/scopes", [SendGrid::refused(401, None, said)]);
    let refused = owner
        .mutate("connectApp", sendgrid.input()?, "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused["userErrors"], @r#"
        [
          {
            "field": [
              "input",
              "credentials"
            ],
            "code": "CREDENTIALS_REFUSED",
            "message": "SendGrid does not take these credentials: api.sendgrid.com answered 401: The provided authorization grant is invalid, expired, or revoked."
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn mails_go_out_from_the_senders_of_the_account(engine: Engine) -> Result<()> {
    let sendgrid = SendGrid::start(&[(HELLO, true), ("new@example.com", false)]).await?;
    let jackfield = Jackfield::with(engine, &["sendgrid"]).await?;
    let owner = jackfield.owner();
    let app = sendgrid.connect(&owner).await?;
    let senders = owner.import_resources(&app.id, "sender_email").await?;
    let states: Vec<&Value> = senders
        .iter()
        .map(|sender| &sender["verificationStatus"])
        .collect();
    assert_eq!(states, ["VERIFIED", "PENDING"]);
    let input = json!({
        "name": "Receipt", "channel": "EMAIL", "subject": "Your receipt", "htmlBody": "<p>Thanks, {{ trigger.body.name }}</p>",
    });
    let made = owner
        .succeed("createMessageTemplate", input, "messageTemplate { id }")
        .await?;
    for more in [
        json!({"templateId": "d-1", "dynamicTemplateData": {"name": "{{ trigger.body.name }}", "nights": "{{ 1 + 1 }}"}}),
        json!({"template": made["messageTemplate"]["id"]}),
    ] {
        let run = owner
            .run_once(sends(&app.id, more), json!({"name": "Ada & Bob"}))
            .await?;
        assert_eq!(
            step(&run, "mail")["output"],
            json!({"messageId": "14c5d75ce93"}),
            "{run:#}"
        );
    }
    let to = json!([{"email": "ada@example.com", "name": "Ada"}]);
    assert_eq!(
        sendgrid.mails(),
        [
            json!({
                "from": {"email": HELLO}, "template_id": "d-1",
                "personalizations": [{"to": to, "dynamic_template_data": {"name": "Ada & Bob", "nights": 2}}],
            }),
            json!({
                "from": {"email": HELLO}, "subject": "Your receipt", "personalizations": [{"to": to}],
                "content": [{"type": "text/html", "value": "<p>Thanks, Ada &amp; Bob</p>"}],
            }),
        ]
    );
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let sendgrid = SendGrid::start(&[(HELLO, true)]).await?;
    let jackfield = Jackfield::with(engine, &["sendgrid"]).await?;
    let owner = jackfield.owner();
    let app = sendgrid.connect(&owner).await?;
    owner.import_resources(&app.id, "sender_email").await?;
    let mut definition = sends(&app.id, thanks());
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let unverified = SendGrid::refused(
        403,
        Some("from"),
        "The from address does not match a verified Sender Identity.",
    );
    let mut told = Vec::new();
    for reply in [unverified, Reply::hang()] {
        sendgrid.answer_mails([reply]);
        let run = owner.run_once(definition.clone(), json!({})).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "HTTP_403",
            "message": "api.sendgrid.com answered 403: The from address does not match a verified Sender Identity.",
            "data": {
              "errors": [
                {
                  "message": "The from address does not match a verified Sender Identity.",
                  "field": "from",
                  "help": null
                }
              ]
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    // One that is sent too fast waits and is sent again.
    let before = sendgrid.mails().len();
    let limited =
        SendGrid::refused(429, None, "too many requests").header("x-ratelimit-reset", "1");
    sendgrid.answer_mails([limited, SendGrid::taken()]);
    definition["nodes"][1]["timeout"] = "PT10S".into();
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, json!({})).await?;
    assert_eq!(step(&run, "mail")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "mail")["attempt"], 2, "{run:#}");
    assert_eq!(sendgrid.mails().len(), before + 2);
    jackfield.finish().await
}

async fn a_mail_under_way_is_sent_again_only_where_that_is_wanted(engine: Engine) -> Result<()> {
    let sendgrid = SendGrid::start(&[(HELLO, true)]).await?;
    let mut jackfield = Jackfield::with(engine, &["sendgrid"]).await?;
    let owner = jackfield.owner();
    let app = sendgrid.connect(&owner).await?;
    owner.import_resources(&app.id, "sender_email").await?;
    let earlier = sendgrid.outside.requests().len();
    sendgrid.answer_mails([Reply::hang(), Reply::hang(), SendGrid::taken()]);
    let mut runs = Vec::new();
    for policy in [None, Some("RETRY")] {
        let mut definition = sends(&app.id, thanks());
        definition["nodes"][1]["onUncertain"] = policy.into();
        let workflow = owner.publish("Send", definition).await?;
        runs.push(owner.start_run(&workflow, json!({})).await?);
    }
    sendgrid.outside.wait_for(earlier + 2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let again = owner.ended(&runs[1]).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
    // SendGrid has no idempotency keys: whether to send the other one again, a person decides.
    owner.reached(&runs[0], "mail", "UNCERTAIN").await?;
    let mails = sendgrid.mails();
    assert_eq!(mails.len(), 3);
    assert_eq!(mails[2], mails[1]);
    let run = owner.run(&runs[0]).await?;
    let input = json!({"stepId": step(&run, "mail")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&runs[0]).await?["status"], "SUCCEEDED");
    jackfield.finish().await
}
