//! Messages that are sent.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Quo, Reply, on_both_engines, step};
use serde_json::{Value, json};

use super::{greeting, sends};

on_both_engines![
    a_key_is_tested_before_it_is_stored,
    numbers_are_taken_over_and_sent_from,
    what_goes_wrong_leaves_by_the_error_port,
    a_template_is_sent_from_its_number_or_the_default,
    a_message_under_way_is_sent_again_only_where_that_is_wanted,
    what_cannot_be_sent_is_not_saved,
];

const ONE: &str = "+15550100";
const OTHER: &str = "+15550101";

async fn a_key_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let quo = Quo::start(&[ONE]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    quo.connect(&owner).await?;
    let tested = &quo.outside.requests_to("/v1/phone-numbers")[0];
    // No scheme stands in front of the key.
    assert_eq!(tested.header("authorization"), "key-of-the-workspace");
    let refused = Quo::refused(401, "Unauthorized");
    quo.outside.answer("/v1/phone-numbers", [refused]);
    let refused = owner
        .mutate("connectApp", quo.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        {
          "connectedApp": null,
          "userErrors": [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Quo does not take these credentials: api.openphone.com answered 401: Unauthorized."
            }
          ]
        }
        "#);
    }
    jackfield.finish().await
}

async fn numbers_are_taken_over_and_sent_from(engine: Engine) -> Result<()> {
    let quo = Quo::start(&[ONE, OTHER]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    let mut numbers = owner.import_resources(&app.id, "phone_number").await?;
    let other = numbers[1]["id"].clone();
    for number in &mut numbers {
        number["id"] = "[id]".into();
    }
    allow_duplicates! {
        assert_json_snapshot!(numbers, @r#"
        [
          {
            "id": "[id]",
            "value": "+15550100",
            "label": "Main Business Line",
            "isDefault": true,
            "verificationStatus": "VERIFIED"
          },
          {
            "id": "[id]",
            "value": "+15550101",
            "label": "Main Business Line",
            "isDefault": false,
            "verificationStatus": "VERIFIED"
          }
        ]
        "#);
    }
    for more in [
        json!({"textBody": "Hello"}),
        json!({"from": other, "textBody": "Hello"}),
    ] {
        let definition = sends(&app.id, more);
        let run = owner.run_once(definition, json!({})).await?;
        assert_eq!(step(&run, "sms")["output"]["id"], "AC123abc", "{run:#}");
    }
    let input = json!({"resourceId": other});
    owner
        .succeed("setDefaultResource", input, "resource { id }")
        .await?;
    let definition = sends(&app.id, json!({"textBody": "Hello"}));
    owner.run_once(definition, json!({})).await?;
    let message = |from: &str| json!({"from": from, "to": ["+15551230000"], "content": "Hello"});
    assert_eq!(
        quo.messages(),
        [message(ONE), message(OTHER), message(OTHER)]
    );
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let quo = Quo::start(&[ONE]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    owner.import_resources(&app.id, "phone_number").await?;
    let mut definition = sends(&app.id, json!({"textBody": "Hello"}));
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let unpaid = Quo::refused(402, "The organization does not have enough prepaid credits");
    let mut told = Vec::new();
    for reply in [unpaid, Reply::hang()] {
        quo.outside.answer("/v1/messages", [reply]);
        let run = owner.run_once(definition.clone(), json!({})).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "REFUSED",
            "message": "api.openphone.com answered 402: The organization does not have enough prepaid credits.",
            "data": {
              "message": "The organization does not have enough prepaid credits",
              "docs": "https://www.quo.com/docs",
              "title": "Refused",
              "trace": "6897907457496870895"
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
    let before = quo.messages().len();
    let limited = Quo::refused(429, "Too many requests").header("retry-after", "1");
    quo.outside.answer("/v1/messages", [limited, Quo::taken()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, json!({})).await?;
    assert_eq!(step(&run, "sms")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "sms")["attempt"], 2, "{run:#}");
    assert_eq!(quo.messages().len(), before + 2);
    jackfield.finish().await
}

async fn a_template_is_sent_from_its_number_or_the_default(engine: Engine) -> Result<()> {
    let quo = Quo::start(&[ONE, OTHER]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    let numbers = owner.import_resources(&app.id, "phone_number").await?;
    let template = greeting(&owner, &numbers[1]["id"]).await?;
    let definition = sends(&app.id, json!({"template": template}));
    let workflow = owner.publish("Greet", definition).await?;
    let first = owner.run_to_end(&workflow, json!({"name": "Ada"})).await?;
    assert_eq!(first["status"], "SUCCEEDED", "{first:#}");
    owner.delete_resource(&numbers[1]["id"]).await?;
    let second = owner.run_to_end(&workflow, json!({"name": "Bob"})).await?;
    assert_eq!(second["status"], "SUCCEEDED", "{second:#}");
    assert_eq!(
        quo.messages(),
        [
            json!({"from": OTHER, "to": ["+15551230000"], "content": "Hello Ada"}),
            json!({"from": ONE, "to": ["+15551230000"], "content": "Hello Bob"}),
        ]
    );
    assert_eq!(owner.warnings_of(&first, "sms").await?, json!([]));
    let warnings = owner.warnings_of(&second, "sms").await?;
    assert_eq!(warnings[0]["code"], "RESOURCE_REPLACED", "{warnings:#}");
    jackfield.finish().await
}

async fn a_message_under_way_is_sent_again_only_where_that_is_wanted(engine: Engine) -> Result<()> {
    let quo = Quo::start(&[ONE]).await?;
    let mut jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    owner.import_resources(&app.id, "phone_number").await?;
    let earlier = quo.outside.requests().len();
    quo.outside
        .answer("/v1/messages", [Reply::hang(), Reply::hang(), Quo::taken()]);
    let mut runs = Vec::new();
    for policy in [None, Some("RETRY")] {
        let mut definition = sends(&app.id, json!({"textBody": "Hello"}));
        definition["nodes"][1]["onUncertain"] = policy.into();
        let workflow = owner.publish("Send", definition).await?;
        runs.push(owner.start_run(&workflow, json!({})).await?);
    }
    quo.outside.wait_for(earlier + 2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let again = owner.ended(&runs[1]).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
    // Quo has no idempotency keys: whether to send the other one again, a person decides.
    owner.reached(&runs[0], "sms", "UNCERTAIN").await?;
    let messages = quo.messages();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[2], messages[1]);
    let run = owner.run(&runs[0]).await?;
    let input = json!({"stepId": step(&run, "sms")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&runs[0]).await?["status"], "SUCCEEDED");
    assert_eq!(quo.messages().len(), 4);
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn what_cannot_be_sent_is_not_saved(engine: Engine) -> Result<()> {
    let quo = Quo::start(&[ONE]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    let many = vec![ONE; 11];
    let mut refused = Vec::new();
    for more in [
        json!({"to": ["555 0100"], "textBody": "Hello"}),
        json!({"to": many, "textBody": "Hello"}),
        json!({"to": [], "textBody": "x".repeat(1601)}),
        json!({"content": "Hello"}),
    ] {
        let input = json!({"name": "Refused", "definition": sends(&app.id, more)});
        let payload = owner
            .mutate("createWorkflow", input, "workflow { id }")
            .await?;
        let errors = payload["userErrors"].as_array().cloned();
        refused.extend(errors.unwrap_or_default());
    }
    let mut long = json!(refused).to_string();
    long = long.replace(&"x".repeat(1601), "x…");
    let refused: Value = serde_json::from_str(&long)?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        [
          {
            "field": [
              "input",
              "definition",
              "nodes",
              "1",
              "config",
              "to",
              "0"
            ],
            "code": "INVALID_CONFIG",
            "message": "has to be written like `+15551230000`"
          },
          {
            "field": [
              "input",
              "definition",
              "nodes",
              "1",
              "config",
              "to"
            ],
            "code": "INVALID_CONFIG",
            "message": "value has more than 10 items"
          },
          {
            "field": [
              "input",
              "definition",
              "nodes",
              "1",
              "config",
              "to"
            ],
            "code": "INVALID_CONFIG",
            "message": "value has less than 1 item"
          },
          {
            "field": [
              "input",
              "definition",
              "nodes",
              "1",
              "config",
              "textBody"
            ],
            "code": "INVALID_CONFIG",
            "message": "value is longer than 1600 characters"
          },
          {
            "field": [
              "input",
              "definition",
              "nodes",
              "1",
              "config",
              "textBody"
            ],
            "code": "INVALID_CONFIG",
            "message": "`textBody` is missing"
          },
          {
            "field": [
              "input",
              "definition",
              "nodes",
              "1",
              "config",
              "content"
            ],
            "code": "INVALID_CONFIG",
            "message": "there is no setting `content` here"
          }
        ]
        "#);
    }
    let wrong =
        json!({"connectedAppId": app.id, "resourceType": "phone_number", "value": "555 0100"});
    let wrong = owner
        .mutate("createResource", wrong, "resource { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(wrong["userErrors"], @r#"
        [
          {
            "field": [
              "input",
              "value"
            ],
            "code": "INVALID",
            "message": "must be a phone number in E.164 form, such as +15551230000"
          }
        ]
        "#);
    }
    jackfield.finish().await
}
