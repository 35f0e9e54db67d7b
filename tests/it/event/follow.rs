//! Following events: resuming where one left off, and being too slow.

use anyhow::{Context, Result};
use insta::assert_json_snapshot;
use jackfield_tests::{Engine, Jackfield, Socket, on_both_engines};
use serde_json::{Value, json};

const DOCUMENT: &str =
    "subscription($after: String) { events(after: $after) { cursor event { data } } }";

/// The cursor before everything.
const START: &str = "00000000000000000000000000";

on_both_engines![who_resumes_misses_nothing_and_sees_nothing_twice];

/// Publishes events with these numbers, in one commit.
async fn publish(
    jackfield: &Jackfield,
    numbers: std::ops::Range<i64>,
    padding: &str,
) -> Result<()> {
    let event = |n| json!({"type": "order.placed", "data": {"n": n, "padding": padding}});
    let events: Vec<Value> = numbers.map(event).collect();
    let input = json!({"events": events});
    let owner = jackfield.owner();
    owner
        .succeed("publishEvents", input, "events { id }")
        .await?;
    Ok(())
}

async fn who_resumes_misses_nothing_and_sees_nothing_twice(engine: Engine) -> Result<()> {
    const COUNT: i64 = 120;
    let jackfield = Jackfield::start(engine).await?;
    publish(&jackfield, 0..20, "").await?;
    let mut all = jackfield
        .subscribe(DOCUMENT, json!({"after": START}))
        .await?;
    let mut cursors = Vec::new();
    let mut followers = Vec::new();
    for n in 0..COUNT {
        if n >= 20 {
            publish(&jackfield, n..n + 1, "").await?;
        }
        let update = all.next().await?.context("events never end")?;
        assert_eq!(update["events"]["event"]["data"]["n"], n);
        let cursor = update["events"]["cursor"].clone();
        if n % 6 == 0 {
            let follower = jackfield
                .subscribe(DOCUMENT, json!({"after": cursor}))
                .await?;
            followers.push((n, follower));
        }
        cursors.push(cursor);
    }
    for (left_at, mut follower) in followers {
        for n in left_at + 1..COUNT {
            let update = follower.next().await?.context("events never end")?;
            let seen = (
                &update["events"]["event"]["data"]["n"],
                &update["events"]["cursor"],
            );
            let index = usize::try_from(n)?;
            assert_eq!(
                seen,
                (&json!(n), &cursors[index]),
                "resumed after {left_at}"
            );
        }
    }
    jackfield.finish().await
}

#[tokio::test]
async fn who_is_too_slow_is_told_and_resumes() -> Result<()> {
    let jackfield = Jackfield::start(Engine::Sqlite).await?;
    let padding = "x".repeat(16 << 10);
    let mut slow = Socket::connect(&jackfield.url("/graphql"), jackfield.owner_key()).await?;
    let payload = json!({"query": DOCUMENT});
    slow.send(&json!({"id": "1", "type": "subscribe", "payload": payload}))
        .await?;
    // The first one shows that the subscription has begun.
    publish(&jackfield, 0..1, "").await?;
    let mut count = 1;
    let first = slow.receive().await?;
    assert_eq!(first["type"], "next");
    // More than is kept, and than what the two ends of the connection hold.
    while count < 3_000 {
        publish(&jackfield, count..count + 50, &padding).await?;
        count += 50;
    }
    let mut seen = 1;
    let last = loop {
        let message = slow.receive().await?;
        if message["type"] != "next" {
            break message;
        }
        assert_eq!(
            message["payload"]["data"]["events"]["event"]["data"]["n"],
            seen
        );
        seen += 1;
    };
    let cursor = last["payload"][0]["extensions"]["cursor"].clone();
    assert_json_snapshot!(last, {
        ".payload[0].extensions.cursor" => "[cursor]",
        ".payload[0].message" => insta::dynamic_redaction(|message, _| {
            let message = message.as_str().unwrap_or_default().to_owned();
            let start = message.find('"').unwrap_or_default();
            let end = message.rfind('"').unwrap_or_default();
            format!("{}[cursor]{}", &message[..=start], &message[end..])
        }),
    }, @r#"
    {
      "type": "error",
      "id": "1",
      "payload": [
        {
          "message": "More has happened than is kept for a slow subscriber. Subscribe again with `after: \"[cursor]\"`, and nothing is missing.",
          "extensions": {
            "code": "TOO_SLOW",
            "cursor": "[cursor]"
          }
        }
      ]
    }
    "#);
    let mut again = jackfield
        .subscribe(DOCUMENT, json!({"after": cursor}))
        .await?;
    let update = again.next().await?.context("events never end")?;
    assert_eq!(update["events"]["event"]["data"]["n"], seen);
    jackfield.finish().await
}
