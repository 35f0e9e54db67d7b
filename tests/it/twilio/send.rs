//! Messages, calls and lookups.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Reply, Twilio, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_token_is_tested_before_it_is_stored,
    messages_calls_and_lookups_go_out_from_the_numbers_of_the_account,
    what_goes_wrong_leaves_by_the_error_port,
    a_message_under_way_is_sent_again_only_where_that_is_wanted,
];

const ONE: &str = "+15550100";
const OTHER: &str = "+15550101";

/// A workflow that sends a message.
fn sends(app: &Value) -> Value {
    let config = json!({"operation": "send_sms", "to": "+1 (555) 123-0000", "body": "Hello"});
    start_then_or_excuse(node_of_app("sms", "twilio", app, config))
}

async fn a_token_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let twilio = Twilio::start(&[ONE]).await?;
    let jackfield = Jackfield::with(engine, &["twilio"]).await?;
    let owner = jackfield.owner();
    twilio.connect(&owner).await?;
    let tested = &twilio.outside.requests()[0];
    assert_eq!(
        (tested.path.as_str(), tested.header("authorization")),
        (
            "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef.json",
            // AC0123456789abcdef0123456789abcdef:auth-token-of-the-account
            "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjphdXRoLXRva2VuLW9mLXRoZS1hY2NvdW50"
        )
    );
    twilio.answer_tests(Twilio::refused(401, 20003, "Authenticate"));
    let refused = owner
        .mutate("connectApp", twilio.input(), "connectedApp { id }")
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
            "message": "Twilio does not take these credentials: api.twilio.com answered 401: Authenticate."
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn messages_calls_and_lookups_go_out_from_the_numbers_of_the_account(
    engine: Engine,
) -> Result<()> {
    let twilio = Twilio::start(&[ONE, OTHER]).await?;
    let jackfield = Jackfield::with(engine, &["twilio"]).await?;
    let owner = jackfield.owner();
    let app = twilio.connect(&owner).await?;
    let numbers = owner.import_resources(&app.id, "phone_number").await?;
    let input = json!({"name": "Greeting", "channel": "SMS", "textBody": "Hello {{ trigger.body.name }}", "senderId": numbers[1]["id"]});
    let made = owner
        .succeed("createMessageTemplate", input, "messageTemplate { id }")
        .await?;
    let of = |key: &str, config: Value| node_of_app(key, "twilio", &app.id, config);
    let to = "+1 (555) 123-0000";
    let nodes = [
        node("start", "manual", json!({})),
        of(
            "sms",
            json!({"operation": "send_sms", "to": to, "body": "Hello"}),
        ),
        of(
            "greet",
            json!({"operation": "send_sms", "to": to, "template": made["messageTemplate"]["id"]}),
        ),
        of(
            "call",
            json!({"operation": "make_call", "to": to, "from": numbers[1]["id"], "twiml": "<Response/>"}),
        ),
        of("look", json!({"operation": "lookup", "to": to})),
    ];
    let edges = [
        "start -> sms",
        "sms -> greet",
        "greet -> call",
        "call -> look",
    ];
    let run = owner
        .run_once(graph(nodes, &edges), json!({"name": "Ada"}))
        .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "sms")["output"]["sid"], "SM1", "{run:#}");
    assert_eq!(step(&run, "look")["output"]["valid"], true, "{run:#}");
    let sent: Vec<String> = twilio
        .messages()
        .iter()
        .map(|message| message.text())
        .collect();
    assert_eq!(
        sent,
        [
            "To=%2B15551230000&Body=Hello&From=%2B15550100",
            "To=%2B15551230000&Body=Hello+Ada&From=%2B15550101",
        ]
    );
    assert_eq!(
        twilio.calls()[0].text(),
        "To=%2B15551230000&From=%2B15550101&Twiml=%3CResponse%2F%3E"
    );
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let twilio = Twilio::start(&[ONE]).await?;
    let jackfield = Jackfield::with(engine, &["twilio"]).await?;
    let owner = jackfield.owner();
    let app = twilio.connect(&owner).await?;
    owner.import_resources(&app.id, "phone_number").await?;
    let mut definition = sends(&app.id);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let unsubscribed = Twilio::refused(400, 21610, "Attempt to send to unsubscribed recipient");
    let mut told = Vec::new();
    for reply in [unsubscribed, Reply::hang()] {
        twilio.answer_messages([reply]);
        let run = owner.run_once(definition.clone(), json!({})).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "ERROR_21610",
            "message": "api.twilio.com answered 400: Attempt to send to unsubscribed recipient.",
            "data": {
              "code": 21610,
              "message": "Attempt to send to unsubscribed recipient",
              "more_info": "https://www.twilio.com/docs/errors/21610",
              "status": 400
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
    let before = twilio.messages().len();
    let limited = Twilio::refused(429, 20429, "Too Many Requests").header("retry-after", "1");
    twilio.answer_messages([limited, Twilio::taken()]);
    definition["nodes"][1]["timeout"] = "PT10S".into();
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, json!({})).await?;
    assert_eq!(step(&run, "sms")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "sms")["attempt"], 2, "{run:#}");
    let messages = twilio.messages();
    assert_eq!(messages.len(), before + 2);
    let waited = messages[before + 1].arrived - messages[before].arrived;
    assert!(waited.as_millis() >= 1000, "{waited:?}");
    jackfield.finish().await
}

async fn a_message_under_way_is_sent_again_only_where_that_is_wanted(engine: Engine) -> Result<()> {
    let twilio = Twilio::start(&[ONE]).await?;
    let mut jackfield = Jackfield::with(engine, &["twilio"]).await?;
    let owner = jackfield.owner();
    // The plugin asks the server for the account's SID before the message is under way.
    let app = owner.connect_app(twilio.input()).await?;
    owner.import_resources(&app, "phone_number").await?;
    let earlier = twilio.outside.requests().len();
    twilio.answer_messages([Reply::hang(), Reply::hang(), Twilio::taken()]);
    let mut runs = Vec::new();
    for policy in [None, Some("RETRY")] {
        let mut definition = sends(&app);
        definition["nodes"][1]["onUncertain"] = policy.into();
        let workflow = owner.publish("Send", definition).await?;
        runs.push(owner.start_run(&workflow, json!({})).await?);
    }
    twilio.outside.wait_for(earlier + 2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let again = owner.ended(&runs[1]).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
    // Twilio has no idempotency keys: whether to send the other one again, a person decides.
    owner.reached(&runs[0], "sms", "UNCERTAIN").await?;
    let messages = twilio.messages();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[2].text(), messages[1].text());
    let run = owner.run(&runs[0]).await?;
    let input = json!({"stepId": step(&run, "sms")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&runs[0]).await?["status"], "SUCCEEDED");
    jackfield.finish().await
}
