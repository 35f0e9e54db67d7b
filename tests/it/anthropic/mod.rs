//! The plugin `anthropic`, from the connected app to the content.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Anthropic, Engine, Jackfield, Reply, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_key_is_tested_before_it_is_stored,
    content_is_written_with_the_preferred_model,
    what_goes_wrong_leaves_by_the_error_port,
    what_is_under_way_is_asked_again_only_where_that_is_wanted,
];

const OPUS: &str = "claude-opus-5-5";
const SONNET: &str = "claude-sonnet-5-5";

/// A workflow that has content written, with more in its config.
fn writes(app: &Value, more: Value) -> Value {
    let mut config =
        json!({"operation": "generate_content", "prompt": "Greet {{ trigger.body.name }}."});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    start_then_or_excuse(node_of_app("write", "anthropic", app, config))
}

async fn a_key_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let anthropic = Anthropic::start(&[SONNET]).await?;
    let jackfield = Jackfield::with(engine, &["anthropic"]).await?;
    let owner = jackfield.owner();
    anthropic.connect(&owner).await?;
    let tested = &anthropic.outside.requests_to("/v1/models")[0];
    assert_eq!(tested.header("x-api-key"), "sk-ant-key-of-the-workspace");
    assert_eq!(tested.header("anthropic-version"), "2026-10-21");
    let refused = Anthropic::refused(401, "authentication_error", "invalid x-api-key");
    anthropic.outside.answer("/v1/models", [refused]);
    let refused = owner
        .mutate("connectApp", anthropic.input(), "connectedApp { id }")
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
              "message": "Anthropic does not take these credentials: api.anthropic.com answered 401: invalid x-api-key."
            }
          ]
        }
        "#);
    }
    jackfield.finish().await
}

async fn content_is_written_with_the_preferred_model(engine: Engine) -> Result<()> {
    let anthropic = Anthropic::start(&[OPUS, SONNET]).await?;
    let jackfield = Jackfield::with(engine, &["anthropic"]).await?;
    let owner = jackfield.owner();
    let app = anthropic.connect(&owner).await?;
    let preferred = owner.add_resource(&app, "model_preference", SONNET).await?;
    assert_eq!(
        (&preferred["isDefault"], &preferred["verificationStatus"]),
        (&json!(true), &json!("VERIFIED"))
    );
    let second = json!({"connectedAppId": app, "resourceType": "model_preference", "value": OPUS});
    let second = owner
        .mutate("createResource", second, "resource { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(second["userErrors"], @r#"
        [
          {
            "field": [
              "input",
              "resourceType"
            ],
            "code": "TOO_LARGE",
            "message": "a connected app of Anthropic holds at most 1 of the type Model preference: delete one that is not needed"
          }
        ]
        "#);
    }
    let input = json!({"name": "Ada"});
    let run = owner
        .run_once(writes(&app, json!({})), input.clone())
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(step(&run, "write")["output"], @r#"
        {
          "text": "Hello!",
          "stopReason": "end_turn",
          "model": "claude-sonnet-5-5",
          "id": "msg_1",
          "usage": {
            "inputTokens": 12,
            "outputTokens": 7
          }
        }
        "#);
    }
    let named = owner
        .run_once(writes(&app, json!({"model": OPUS})), input.clone())
        .await?;
    assert_eq!(named["status"], "SUCCEEDED", "{named:#}");
    let by_id = writes(&app, json!({"model": preferred["id"]}));
    owner.run_once(by_id.clone(), input.clone()).await?;
    // Another preference takes its place, also where the one before was named.
    let change = json!({"resourceId": preferred["id"], "value": OPUS});
    owner
        .succeed("updateResource", change, "resource { id }")
        .await?;
    owner.run_once(by_id, input.clone()).await?;
    let asked = anthropic.asked();
    let models: Vec<&Value> = asked.iter().map(|body| &body["model"]).collect();
    assert_eq!(models, [SONNET, OPUS, SONNET, OPUS]);
    assert_eq!(
        asked[0],
        json!({"model": SONNET, "max_tokens": 1024, "messages": [{"role": "user", "content": "Greet Ada."}]})
    );
    // Without a preference nobody knows which model is meant.
    owner.delete_resource(&preferred["id"]).await?;
    let run = owner.run_once(writes(&app, json!({})), input).await?;
    allow_duplicates! {
        assert_json_snapshot!(step(&run, "excuse")["output"], @r#"
        {
          "message": {
            "code": "INVALID_CONFIG",
            "message": "The config of anthropic is not valid: missing field `model`."
          }
        }
        "#);
    }
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let anthropic = Anthropic::start(&[SONNET]).await?;
    let jackfield = Jackfield::with(engine, &["anthropic"]).await?;
    let owner = jackfield.owner();
    let app = anthropic.connect(&owner).await?;
    owner.add_resource(&app, "model_preference", SONNET).await?;
    let mut definition = writes(
        &app,
        json!({"jsonSchema": {"type": "object", "additionalProperties": false}}),
    );
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let too_long = Anthropic::refused(400, "invalid_request_error", "prompt is too long");
    let mut told = Vec::new();
    for reply in [too_long, Anthropic::said("no JSON"), Reply::hang()] {
        anthropic.outside.answer("/v1/messages", [reply]);
        let run = owner
            .run_once(definition.clone(), json!({"name": "Ada"}))
            .await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "INVALID_REQUEST_ERROR",
            "message": "api.anthropic.com answered 400: prompt is too long.",
            "data": {
              "type": "error",
              "error": {
                "type": "invalid_request_error",
                "message": "prompt is too long"
              },
              "request_id": "req_1"
            }
          },
          {
            "code": "UNEXPECTED_RESPONSE",
            "message": "What Claude wrote is no JSON: expected ident at line 1 column 2."
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    let before = anthropic.asked().len();
    let busy = Anthropic::refused(429, "rate_limit_error", "Too many tokens")
        .header("retry-after-ms", "300");
    anthropic
        .outside
        .answer("/v1/messages", [busy, Anthropic::said("{}")]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner
        .run_once(definition.clone(), json!({"name": "Ada"}))
        .await?;
    assert_eq!(step(&run, "write")["output"]["json"], json!({}), "{run:#}");
    assert_eq!(anthropic.asked().len(), before + 2);
    // What the provider says will not pass is not tried again.
    let hopeless =
        Anthropic::refused(529, "overloaded_error", "Overloaded").header("x-should-retry", "false");
    anthropic.outside.answer("/v1/messages", [hopeless]);
    let run = owner.run_once(definition, json!({"name": "Ada"})).await?;
    assert_eq!(
        step(&run, "excuse")["output"]["message"]["code"],
        "OVERLOADED_ERROR",
        "{run:#}"
    );
    assert_eq!(anthropic.asked().len(), before + 3);
    jackfield.finish().await
}

async fn what_is_under_way_is_asked_again_only_where_that_is_wanted(engine: Engine) -> Result<()> {
    let anthropic = Anthropic::start(&[SONNET]).await?;
    let mut jackfield = Jackfield::with(engine, &["anthropic"]).await?;
    let owner = jackfield.owner();
    let app = anthropic.connect(&owner).await?;
    let preferred = owner.add_resource(&app, "model_preference", SONNET).await?;
    let earlier = anthropic.outside.requests().len();
    anthropic.outside.answer(
        "/v1/messages",
        [Reply::hang(), Reply::hang(), Anthropic::said("Hello!")],
    );
    let mut runs = Vec::new();
    for policy in [None, Some("RETRY")] {
        let mut definition = writes(&app, json!({}));
        definition["nodes"][1]["onUncertain"] = policy.into();
        let workflow = owner.publish("Write", definition).await?;
        runs.push(owner.start_run(&workflow, json!({"name": "Ada"})).await?);
    }
    anthropic.outside.wait_for(earlier + 2).await?;
    // The model is on disk before the first attempt, and stays what it was.
    owner.delete_resource(&preferred["id"]).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let again = owner.ended(&runs[1]).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
    owner.reached(&runs[0], "write", "UNCERTAIN").await?;
    let asked = anthropic.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[2], asked[1]);
    owner
        .succeed("cancelRun", json!({"runId": runs[0]}), "run { id }")
        .await?;
    owner.ended(&runs[0]).await?;
    jackfield.finish().await
}
