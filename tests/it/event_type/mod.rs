//! The catalogue of event types.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    a_type_keeps_the_schemas_it_had,
    what_cannot_be_a_type_says_why,
    the_starter_set_is_found_by_name_category_and_description,
    a_document_is_imported_whole_or_not_at_all,
];

const TYPE: &str = "eventType { name category description version schema example archived versions { number schema } }";

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn a_type_keeps_the_schemas_it_had(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({
        "name": "invoice.paid", "category": "INVOICE", "description": "An invoice is paid.",
        "schema": {"type": "object"}, "example": {"cents": 100},
    });
    let made = owner
        .succeed(
            "createEventType",
            input,
            &format!("{TYPE} eventTypeId: eventType {{ id }}"),
        )
        .await?;
    let id = &made["eventTypeId"]["id"];
    let mut seen = Vec::new();
    for change in [
        json!({"description": "Somebody paid."}),
        json!({"schema": {"type": "string"}}),
        json!({"schema": {"type": "string"}, "example": "paid"}),
        json!({"schema": null}),
    ] {
        let mut input = change;
        input["eventTypeId"] = id.clone();
        seen.push(owner.mutate("updateEventType", input, TYPE).await?);
    }
    allow_duplicates! {
        assert_json_snapshot!(seen, @r#"
        [
          {
            "userErrors": [],
            "eventType": {
              "name": "invoice.paid",
              "category": "INVOICE",
              "description": "Somebody paid.",
              "version": 1,
              "schema": {
                "type": "object"
              },
              "example": {
                "cents": 100
              },
              "archived": false,
              "versions": [
                {
                  "number": 1,
                  "schema": {
                    "type": "object"
                  }
                }
              ]
            }
          },
          {
            "eventType": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "example"
                ],
                "code": "SCHEMA_MISMATCH",
                "message": "value is not of type \"string\""
              }
            ]
          },
          {
            "userErrors": [],
            "eventType": {
              "name": "invoice.paid",
              "category": "INVOICE",
              "description": "Somebody paid.",
              "version": 2,
              "schema": {
                "type": "string"
              },
              "example": "paid",
              "archived": false,
              "versions": [
                {
                  "number": 2,
                  "schema": {
                    "type": "string"
                  }
                },
                {
                  "number": 1,
                  "schema": {
                    "type": "object"
                  }
                }
              ]
            }
          },
          {
            "userErrors": [],
            "eventType": {
              "name": "invoice.paid",
              "category": "INVOICE",
              "description": "Somebody paid.",
              "version": 3,
              "schema": null,
              "example": "paid",
              "archived": false,
              "versions": [
                {
                  "number": 3,
                  "schema": null
                },
                {
                  "number": 2,
                  "schema": {
                    "type": "string"
                  }
                },
                {
                  "number": 1,
                  "schema": {
                    "type": "object"
                  }
                }
              ]
            }
          }
        ]
        "#);
    }
    let document = "query($id: ID!) { node(id: $id) { id ... on EventType { name version } } }";
    let found = owner.data_with(document, json!({"id": id})).await?;
    assert_eq!(
        found["node"],
        json!({"id": id, "name": "invoice.paid", "version": 3})
    );
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_cannot_be_a_type_says_why(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    owner
        .succeed(
            "createEventType",
            json!({"name": "taken"}),
            "eventType { id }",
        )
        .await?;
    let mut said = Vec::new();
    for input in [
        json!({"name": "taken"}),
        json!({"name": "two words", "category": "x".repeat(101), "schema": {"type": "strng"}}),
        json!({"name": "a", "schema": {"$ref": "https://example.com/schema.json"}}),
        json!({"name": "a", "schema": {"required": ["b"]}, "example": {}}),
    ] {
        let payload = owner
            .mutate("createEventType", input, "eventType { id }")
            .await?;
        said.push(payload);
    }
    for id in ["etype_00000000000000000000000000", "nonsense"] {
        let input = json!({"eventTypeId": id});
        said.push(
            owner
                .mutate("archiveEventType", input, "eventType { id }")
                .await?,
        );
    }
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          {
            "eventType": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "name"
                ],
                "code": "TAKEN",
                "message": "there is a type of this name, perhaps an archived one"
              }
            ]
          },
          {
            "eventType": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "name"
                ],
                "code": "INVALID",
                "message": "a name has 1 to 200 characters and no spaces, such as `booking.created`"
              },
              {
                "field": [
                  "input",
                  "category"
                ],
                "code": "INVALID",
                "message": "a category has at most 100 characters, and no NUL among them"
              },
              {
                "field": [
                  "input",
                  "schema"
                ],
                "code": "INVALID_SCHEMA",
                "message": "this schema cannot be used: value is not valid under any of the schemas listed in the 'anyOf' keyword"
              }
            ]
          },
          {
            "eventType": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "schema"
                ],
                "code": "INVALID_SCHEMA",
                "message": "this schema cannot be used: Resource 'https://example.com/schema.json' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch https://example.com/schema.json"
              }
            ]
          },
          {
            "eventType": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "example"
                ],
                "code": "SCHEMA_MISMATCH",
                "message": "\"b\" is a required property"
              }
            ]
          },
          {
            "eventType": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "eventTypeId"
                ],
                "code": "NOT_FOUND",
                "message": "There is no such event type in this workspace."
              }
            ]
          },
          {
            "eventType": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "eventTypeId"
                ],
                "code": "NOT_FOUND",
                "message": "There is no such event type in this workspace."
              }
            ]
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn names(client: &Client, arguments: &str) -> Result<Value> {
    let document = format!("{{ eventTypes{arguments} {{ totalCount nodes {{ name }} }} }}");
    let found = client.data(&document).await?;
    let nodes = found["eventTypes"]["nodes"].as_array();
    let names = nodes.into_iter().flatten().map(|node| node["name"].clone());
    Ok(json!([
        found["eventTypes"]["totalCount"],
        names.collect::<Value>()
    ]))
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn the_starter_set_is_found_by_name_category_and_description(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    for counts in [(35, 0), (0, 35)] {
        let payload = owner
            .succeed("importEventTypes", json!({}), "eventTypes { id } existing")
            .await?;
        let created = payload["eventTypes"].as_array().map(Vec::len);
        assert_eq!(
            (created, &payload["existing"]),
            (Some(counts.0), &json!(counts.1))
        );
    }
    let mut found = serde_json::Map::new();
    for arguments in [
        "(first: 3)",
        r#"(search: "Booking Created")"#,
        r#"(search: "whatsapp")"#,
        r#"(search: "fieldworker arrives")"#,
        r#"(search: "payment", first: 3)"#,
        r#"(search: "refund", category: "PAYMENT")"#,
        r#"(search: "refund", category: "BOOKING")"#,
    ] {
        found.insert(arguments.to_owned(), names(&owner, arguments).await?);
    }
    allow_duplicates! {
        assert_json_snapshot!(found, @r#"
        {
          "(first: 3)": [
            35,
            [
              "appointment.fieldworker_arrived",
              "appointment.status_changed",
              "booking.completed"
            ]
          ],
          "(search: \"Booking Created\")": [
            1,
            [
              "booking.created"
            ]
          ],
          "(search: \"whatsapp\")": [
            1,
            [
              "whatsapp.message_received"
            ]
          ],
          "(search: \"fieldworker arrives\")": [
            1,
            [
              "appointment.fieldworker_arrived"
            ]
          ],
          "(search: \"payment\", first: 3)": [
            6,
            [
              "payment.approved",
              "payment.created",
              "payment.failed"
            ]
          ],
          "(search: \"refund\", category: \"PAYMENT\")": [
            1,
            [
              "payment.refunded"
            ]
          ],
          "(search: \"refund\", category: \"BOOKING\")": [
            0,
            []
          ]
        }
        "#);
    }
    let (mut pages, mut after, mut seen) = (0, Value::Null, Vec::new());
    while pages == 0 || !after.is_null() {
        let document = "query($after: String) { eventTypes(first: 10, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }";
        let page = owner.data_with(document, json!({"after": after})).await?;
        let page = &page["eventTypes"];
        seen.extend(
            page["nodes"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|node| node["name"].to_string()),
        );
        after = match page["pageInfo"]["hasNextPage"] == true {
            true => page["pageInfo"]["endCursor"].clone(),
            false => Value::Null,
        };
        pages += 1;
    }
    assert_eq!((pages, seen.len()), (4, 35));
    assert!(seen.is_sorted());
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn a_document_is_imported_whole_or_not_at_all(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut said = Vec::new();
    for document in [
        json!({"name": "a"}),
        json!([{"name": "a"}, {"name": "a"}, {"name": "b", "schema": 7}]),
        json!([{"name": "a", "category": "LETTERS"}, {"name": "b"}]),
    ] {
        let input = json!({"document": document});
        let payload = owner
            .mutate(
                "importEventTypes",
                input,
                "eventTypes { name category } existing",
            )
            .await?;
        said.push(payload);
    }
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          {
            "eventTypes": null,
            "existing": 0,
            "userErrors": [
              {
                "field": [
                  "input",
                  "document"
                ],
                "code": "INVALID",
                "message": "this is no list of event types: invalid type: map, expected a sequence at line 1 column 0"
              }
            ]
          },
          {
            "eventTypes": null,
            "existing": 0,
            "userErrors": [
              {
                "field": [
                  "input",
                  "document",
                  "1",
                  "name"
                ],
                "code": "TAKEN",
                "message": "`a` is in the document twice"
              },
              {
                "field": [
                  "input",
                  "document",
                  "2",
                  "schema"
                ],
                "code": "INVALID_SCHEMA",
                "message": "a JSON Schema is an object"
              }
            ]
          },
          {
            "eventTypes": [
              {
                "name": "a",
                "category": "LETTERS"
              },
              {
                "name": "b",
                "category": ""
              }
            ],
            "existing": 0,
            "userErrors": []
          }
        ]
        "#);
    }
    jackfield.finish().await
}
