//! Publishing an event, and publishing it again.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Setup, on_both_engines};
use serde_json::json;

on_both_engines![
    the_same_again_is_the_same_event,
    something_else_under_the_same_key_is_refused,
    many_are_stored_together_or_not_at_all,
    a_taken_key_keeps_only_its_own_event_out,
    events_are_as_large_as_the_setting_says,
];

async fn the_same_again_is_the_same_event(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let data = [json!({"a": 1, "b": "x"}), json!({"b": "x", "a": 1})];
    let mut seen = Vec::new();
    for data in data {
        let input = json!({"type": "invoice.paid", "data": data, "idempotencyKey": "inv_1"});
        let payload = owner
            .succeed(
                "publishEvent",
                input,
                "event { id data occurredAt createdAt }",
            )
            .await?;
        seen.push(payload["event"].clone());
    }
    assert_eq!(seen[0], seen[1]);
    let log = owner.data("{ events { totalCount } }").await?;
    assert_eq!(log["events"]["totalCount"], 1);
    jackfield.finish().await
}

async fn something_else_under_the_same_key_is_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let first = json!({"type": "invoice.paid", "data": {"cents": 100}, "idempotencyKey": "inv_1"});
    owner.succeed("publishEvent", first, "event { id }").await?;
    let mut refusals = Vec::new();
    for other in [
        json!({"type": "invoice.paid", "data": {"cents": 101}, "idempotencyKey": "inv_1"}),
        json!({"type": "invoice.sent", "data": {"cents": 100}, "idempotencyKey": "inv_1"}),
        json!({"type": "invoice.paid", "data": {"cents": 100}, "idempotencyKey": "inv_1", "occurredAt": "2026-01-31T09:30:00Z"}),
    ] {
        refusals.push(owner.mutate("publishEvent", other, "event { id }").await?);
    }
    assert_eq!((&refusals[1], &refusals[2]), (&refusals[0], &refusals[0]));
    allow_duplicates! {
        assert_json_snapshot!(refusals[0], @r#"
        {
          "event": null,
          "userErrors": [
            {
              "field": [
                "input",
                "idempotencyKey"
              ],
              "code": "CONFLICT",
              "message": "Another event was published with this idempotency key. Send the same again, or take a new key."
            }
          ]
        }
        "#);
    }
    let log = owner.data("{ events { totalCount } }").await?;
    assert_eq!(log["events"]["totalCount"], 1);
    jackfield.finish().await
}

async fn many_are_stored_together_or_not_at_all(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let events = json!([
        {"type": "invoice.sent", "data": {"number": 1}},
        {"type": "no type", "data": 1, "idempotencyKey": ""},
    ]);
    let refused = owner
        .mutate("publishEvents", json!({"events": events}), "events { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        {
          "events": null,
          "userErrors": [
            {
              "field": [
                "input",
                "events",
                "1",
                "type"
              ],
              "code": "INVALID",
              "message": "A type has 1 to 200 characters and no spaces, such as `invoice.paid`."
            },
            {
              "field": [
                "input",
                "events",
                "1",
                "idempotencyKey"
              ],
              "code": "INVALID",
              "message": "An idempotency key has 1 to 200 characters, and no control characters."
            }
          ]
        }
        "#);
    }
    let log = owner.data("{ events { totalCount } }").await?;
    assert_eq!(log["events"]["totalCount"], 0);

    let events: Vec<_> = (0..500)
        .map(|number| json!({"type": "invoice.sent", "data": number}))
        .collect();
    let payload = owner
        .succeed(
            "publishEvents",
            json!({"events": events}),
            "events { data }",
        )
        .await?;
    let stored = payload["events"].as_array().map_or(&[][..], Vec::as_slice);
    let numbers: Vec<_> = stored.iter().map(|event| event["data"].as_i64()).collect();
    assert_eq!(numbers, (0..500).map(Some).collect::<Vec<_>>());
    let log = owner
        .data("{ events(first: 1) { totalCount nodes { data } } }")
        .await?;
    assert_eq!(
        log["events"],
        json!({"totalCount": 500, "nodes": [{"data": 499}]})
    );
    jackfield.finish().await
}

async fn a_taken_key_keeps_only_its_own_event_out(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let events = json!([
        {"type": "invoice.paid", "data": 1, "idempotencyKey": "a"},
        {"type": "invoice.paid", "data": 2, "idempotencyKey": "a"},
        {"type": "invoice.paid", "data": 1, "idempotencyKey": "a"},
        {"type": "invoice.paid", "data": 3},
    ]);
    let payload = owner
        .mutate(
            "publishEvents",
            json!({"events": events}),
            "events { data }",
        )
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(payload, @r#"
        {
          "events": [
            {
              "data": 1
            },
            null,
            {
              "data": 1
            },
            {
              "data": 3
            }
          ],
          "userErrors": [
            {
              "field": [
                "input",
                "events",
                "1",
                "idempotencyKey"
              ],
              "code": "CONFLICT",
              "message": "Another event was published with this idempotency key. Send the same again, or take a new key."
            }
          ]
        }
        "#);
    }
    let log = owner.data("{ events { totalCount } }").await?;
    assert_eq!(log["events"]["totalCount"], 2);
    jackfield.finish().await
}

async fn events_are_as_large_as_the_setting_says(engine: Engine) -> Result<()> {
    let jackfield = Setup::new(engine)?
        .environment("JACKFIELD_MAX_EVENT_BYTES", "65536")
        .start()
        .await?;
    let owner = jackfield.owner();
    let event = |letters: usize| json!({"type": "note.written", "data": "x".repeat(letters)});
    // Two bytes go to the quotation marks.
    owner
        .succeed("publishEvent", event(65_534), "event { id }")
        .await?;
    let refused = owner
        .mutate("publishEvent", event(65_535), "event { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        {
          "event": null,
          "userErrors": [
            {
              "field": [
                "input",
                "data"
              ],
              "code": "TOO_LARGE",
              "message": "The data of an event has at most 65536 bytes."
            }
          ]
        }
        "#);
    }
    jackfield.finish().await
}
