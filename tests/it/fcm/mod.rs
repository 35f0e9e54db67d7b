//! The plugin `fcm`, from the service account to the notification.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Fcm, Jackfield, Reply, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    an_account_is_tested_with_a_message_that_is_not_sent,
    a_customer_is_told_that_somebody_comes,
    what_goes_wrong_leaves_by_the_error_port,
    what_is_under_way_is_not_sent_again_unasked,
];

/// A workflow that tells a customer that somebody comes.
fn tells(app: &Value) -> Value {
    let config = json!({
        "operation": "send_notification", "token": "{{ trigger.body.token }}", "title": "On my way",
        "body": "{{ trigger.body.worker }} arrives at ten.", "data": {"stops": "{{ trigger.body.stops }}"},
    });
    start_then_or_excuse(node_of_app("tell", "fcm", app, config))
}

fn booking() -> Value {
    json!({"token": "fGk1-of-a-device", "worker": "Ada", "stops": 3})
}

async fn an_account_is_tested_with_a_message_that_is_not_sent(engine: Engine) -> Result<()> {
    let fcm = Fcm::start().await?;
    let jackfield = Jackfield::with(engine, &["fcm"]).await?;
    let owner = jackfield.owner();
    let shown = "connectedApp { status lastHealthCheck { ok message } }";
    let connected = owner.succeed("connectApp", fcm.input(), shown).await?;
    let asked = fcm.outside.requests_to("/token")[0].text();
    let asked = reqwest::Url::parse(&format!("http://form/?{asked}"))?;
    let assertion = asked.query_pairs().find(|(name, _)| name == "assertion");
    let (header, claims) = fcm.key.verified(&assertion.unwrap_or_default().1)?;
    assert_eq!(header["kid"], "key-7");
    for (name, value) in [
        ("iss", "firebase-adminsdk@acme-4711.iam.gserviceaccount.com"),
        ("aud", "https://oauth2.googleapis.com/token"),
        (
            "scope",
            "https://www.googleapis.com/auth/firebase.messaging",
        ),
    ] {
        assert_eq!(claims[name], value);
    }
    let tested = &fcm.outside.requests_to(Fcm::SEND)[0];
    assert_eq!(tested.header("authorization"), "Bearer ya29.of-the-tests");
    assert_eq!(tested.json()["validate_only"], true);
    assert!(fcm.sent().is_empty());
    let said = "Invalid Credentials";
    fcm.messages([Fcm::error(401, "UNAUTHENTICATED", "", said)]);
    let refused = owner
        .mutate("connectApp", fcm.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(json!([connected["connectedApp"], refused["userErrors"]]), @r#"
        [
          {
            "status": "CONNECTED",
            "lastHealthCheck": {
              "ok": true,
              "message": "acme-4711"
            }
          },
          [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Firebase Cloud Messaging does not take these credentials: fcm.googleapis.com answered 401: Invalid Credentials."
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_customer_is_told_that_somebody_comes(engine: Engine) -> Result<()> {
    let fcm = Fcm::start().await?;
    let jackfield = Jackfield::with(engine, &["fcm"]).await?;
    let owner = jackfield.owner();
    let app = fcm.connect(&owner).await?;
    let run = owner.run_once(tells(&app), booking()).await?;
    let name = "projects/acme-4711/messages/0:1500415314455276%31bd1c9631bd1c96";
    assert_eq!(
        step(&run, "tell")["output"],
        json!({"name": name}),
        "{run:#}"
    );
    assert_eq!(
        fcm.sent()[0].json(),
        json!({"message": {
            "token": "fGk1-of-a-device", "notification": {"title": "On my way", "body": "Ada arrives at ten."}, "data": {"stops": "3"},
        }})
    );
    assert!(!run.to_string().contains("ya29"), "{run:#}");
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let fcm = Fcm::start().await?;
    let jackfield = Jackfield::with(engine, &["fcm"]).await?;
    let owner = jackfield.owner();
    let app = fcm.connect(&owner).await?;
    let mut definition = tells(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    let gone = "Requested entity was not found.";
    for reply in [
        Fcm::error(404, "NOT_FOUND", "UNREGISTERED", gone),
        Reply::hang(),
    ] {
        fcm.messages([reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "UNREGISTERED",
            "message": "fcm.googleapis.com answered 404: Requested entity was not found.",
            "data": {
              "error": {
                "code": 404,
                "message": "Requested entity was not found.",
                "status": "NOT_FOUND",
                "details": [
                  {
                    "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError",
                    "errorCode": "UNREGISTERED"
                  }
                ]
              }
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    let often = Fcm::error(
        429,
        "RESOURCE_EXHAUSTED",
        "QUOTA_EXCEEDED",
        "Quota exceeded.",
    );
    fcm.messages([often.header("retry-after", "0"), Fcm::taken()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(step(&run, "tell")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "tell")["attempt"], 2, "{run:#}");
    jackfield.finish().await
}

async fn what_is_under_way_is_not_sent_again_unasked(engine: Engine) -> Result<()> {
    let fcm = Fcm::start().await?;
    let mut jackfield = Jackfield::with(engine, &["fcm"]).await?;
    let owner = jackfield.owner();
    let app = fcm.connect(&owner).await?;
    let earlier = fcm.outside.requests().len();
    fcm.messages([Reply::hang(), Fcm::taken()]);
    let workflow = owner.publish("Tell", tells(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    // The first is for a token.
    fcm.outside.wait_for(earlier + 2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    // FCM has no idempotency keys: whether to send it again, a person decides.
    owner.reached(&run, "tell", "UNCERTAIN").await?;
    assert_eq!(fcm.sent().len(), 1);
    let shown = owner.run(&run).await?;
    let again = json!({"stepId": step(&shown, "tell")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", again, "step { id }").await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(fcm.sent().len(), 2);
    jackfield.finish().await
}
