//! `resourceUpdates`: without a gap, also across a cursor, and on another node.

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, Postmark, Setup, example, on_both_engines};
use serde_json::{Value, json};

use super::add;

on_both_engines![updates_come_without_a_gap];

const UPDATES: &str = "subscription($after: String) {
    resourceUpdates(after: $after) { cursor deletedId resource { value isDefault } }
}";

async fn updates_come_without_a_gap(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[("a@example.com", true), ("b@example.com", true)]);
    let mut live = jackfield.subscribe(UPDATES, json!({})).await?;
    let mut ids = Vec::new();
    for address in ["a@example.com", "b@example.com"] {
        ids.push(add(&owner, &app, address).await?["id"].clone());
    }
    owner
        .succeed(
            "setDefaultResource",
            json!({"resourceId": ids[1]}),
            "resource { id }",
        )
        .await?;
    owner
        .succeed(
            "deleteResource",
            json!({"resourceId": ids[0]}),
            "resource { id }",
        )
        .await?;
    let input = json!({"connectedAppId": app, "force": true});
    owner
        .succeed("disconnectApp", input, "connectedApp { id }")
        .await?;
    let mut seen = Vec::new();
    for _ in 0..7 {
        let mut data = live.next().await?.context("an update")?;
        seen.push(data["resourceUpdates"].take());
    }
    let shown: Vec<Value> = seen
        .iter()
        .map(|update| match &update["deletedId"] {
            Value::Null => update["resource"].clone(),
            id => json!({"deleted": ids.iter().position(|known| known == id)}),
        })
        .collect();
    let resource = |value: &str, is_default: bool| json!({"value": value, "isDefault": is_default});
    assert_eq!(
        shown,
        [
            resource("a@example.com", false),
            resource("a@example.com", true),
            resource("b@example.com", false),
            resource("a@example.com", false),
            resource("b@example.com", true),
            json!({"deleted": 0}),
            json!({"deleted": 1}),
        ]
    );

    // From its first cursor on, each resource is shown as it is now.
    let after = json!({"after": seen[0]["cursor"]});
    let mut again = jackfield.subscribe(UPDATES, after).await?;
    for deleted in &seen[5..] {
        let data = again.next().await?.context("an update")?;
        assert_eq!(data["resourceUpdates"], *deleted);
    }
    jackfield.finish().await
}

#[test]
fn another_node_tells_them_too() -> Result<()> {
    example(Engine::Postgres, elsewhere)
}

async fn elsewhere(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let first = Jackfield::start(engine).await?;
    let second = Setup::node_of(&first)?.start().await?;
    let app = postmark.connect(&first.owner(), "Mail").await?;
    let mut live = second.subscribe(UPDATES, json!({})).await?;
    for number in 0..20 {
        add(&first.owner(), &app, &format!("s{number}@example.com")).await?;
    }
    for number in 0..20 {
        let data = live.next().await?.context("an update")?;
        let value = &data["resourceUpdates"]["resource"]["value"];
        assert_eq!(*value, format!("s{number}@example.com"));
    }
    second.finish().await?;
    first.finish().await
}
