//! Events against the catalogue, under each of the workspace's rules.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    data_that_does_not_match_is_refused_warned_of_or_ignored,
    unknown_types_are_accepted_warned_of_or_refused,
    a_new_schema_holds_at_once,
];

async fn paid(client: &Client, data: Value) -> Result<Value> {
    let input = json!({"type": "invoice.paid", "data": data});
    let selection = "event { data } warnings { field code message }";
    client.mutate("publishEvent", input, selection).await
}

async fn with_cents(owner: &Client) -> Result<Value> {
    let schema = json!({
        "type": "object", "required": ["cents"],
        "properties": {"cents": {"type": "integer", "minimum": 0}},
    });
    let input = json!({"name": "invoice.paid", "category": "INVOICE", "schema": schema});
    let made = owner
        .succeed("createEventType", input, "eventType { id }")
        .await?;
    Ok(made["eventType"]["id"].clone())
}

async fn data_that_does_not_match_is_refused_warned_of_or_ignored(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    with_cents(&owner).await?;
    let mut said = vec![paid(&owner, json!({"cents": 100})).await?];
    for rule in ["REJECT", "WARN", "IGNORE"] {
        let input = json!({"schemaMismatch": rule});
        owner
            .succeed("updateWorkspace", input, "workspace { schemaMismatch }")
            .await?;
        said.push(paid(&owner, json!({"cents": "secret"})).await?);
    }
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          {
            "event": {
              "data": {
                "cents": 100
              }
            },
            "warnings": [],
            "userErrors": []
          },
          {
            "event": null,
            "warnings": [],
            "userErrors": [
              {
                "field": [
                  "input",
                  "data",
                  "cents"
                ],
                "code": "SCHEMA_MISMATCH",
                "message": "value is not of type \"integer\""
              }
            ]
          },
          {
            "event": {
              "data": {
                "cents": "secret"
              }
            },
            "warnings": [
              {
                "field": [
                  "input",
                  "data",
                  "cents"
                ],
                "code": "SCHEMA_MISMATCH",
                "message": "value is not of type \"integer\""
              }
            ],
            "userErrors": []
          },
          {
            "event": {
              "data": {
                "cents": "secret"
              }
            },
            "warnings": [],
            "userErrors": []
          }
        ]
        "#);
    }
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn unknown_types_are_accepted_warned_of_or_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let id = with_cents(&owner).await?;
    owner
        .succeed(
            "archiveEventType",
            json!({"eventTypeId": id}),
            "eventType { archived }",
        )
        .await?;
    let mut said = Vec::new();
    for rule in ["ACCEPT", "WARN", "REJECT"] {
        let input = json!({"unknownEventTypes": rule});
        owner
            .succeed("updateWorkspace", input, "workspace { unknownEventTypes }")
            .await?;
        said.push(paid(&owner, json!("anything")).await?);
    }
    owner
        .succeed(
            "unarchiveEventType",
            json!({"eventTypeId": id}),
            "eventType { archived }",
        )
        .await?;
    said.push(paid(&owner, json!({"cents": 1})).await?);
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          {
            "event": {
              "data": "anything"
            },
            "warnings": [],
            "userErrors": []
          },
          {
            "event": {
              "data": "anything"
            },
            "warnings": [
              {
                "field": [
                  "input",
                  "type"
                ],
                "code": "NOT_FOUND",
                "message": "The catalogue has no event type `invoice.paid`, or it is archived."
              }
            ],
            "userErrors": []
          },
          {
            "event": null,
            "warnings": [],
            "userErrors": [
              {
                "field": [
                  "input",
                  "type"
                ],
                "code": "NOT_FOUND",
                "message": "The catalogue has no event type `invoice.paid`, or it is archived."
              }
            ]
          },
          {
            "event": {
              "data": {
                "cents": 1
              }
            },
            "warnings": [],
            "userErrors": []
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_new_schema_holds_at_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let id = with_cents(&owner).await?;
    for number in 0..20 {
        let kind = if number % 2 == 0 { "string" } else { "integer" };
        let schema = json!({"properties": {"cents": {"type": kind}}});
        let input = json!({"eventTypeId": id, "schema": schema});
        owner
            .succeed("updateEventType", input, "eventType { version }")
            .await?;
        let text = paid(&owner, json!({"cents": "1"})).await?;
        assert_eq!(text["event"].is_null(), kind == "integer", "{text:#}");
    }
    jackfield.finish().await
}
