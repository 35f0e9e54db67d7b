//! `deliveryUpdates`: without a gap, also across a cursor, and on another node.

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, Receiver, Setup, example, on_both_engines};
use serde_json::{Value, json};

use super::{all, create, publish, until};

on_both_engines![updates_come_without_a_gap];

const UPDATES: &str = "subscription($after: String, $endpoint: ID) {
    deliveryUpdates(after: $after, endpointId: $endpoint) { cursor delivery { id status event { type } } }
}";

async fn updates_come_without_a_gap(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    let other = create(&owner, &outside.url("/other"), &[]).await?;
    let variables = json!({"endpoint": endpoint.id});
    let mut live = jackfield.subscribe(UPDATES, variables).await?;
    publish(&owner, "a", json!({})).await?;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last| !is_over(last)) {
        let data = live.next().await?.context("an update")?;
        seen.push(data["deliveryUpdates"].clone());
    }
    let statuses: Vec<_> = seen
        .iter()
        .map(|update| &update["delivery"]["status"])
        .collect();
    assert_eq!(statuses, ["PENDING", "SUCCEEDED"]);

    // From its first cursor on, everything is there once more.
    until(&owner, &other, all(1, "SUCCEEDED")).await?;
    let after = json!({"after": seen[0]["cursor"], "endpoint": endpoint.id});
    let mut again = jackfield.subscribe(UPDATES, after).await?;
    let data = again.next().await?.context("an update")?;
    assert_eq!(data["deliveryUpdates"], seen[1]);

    // A resent delivery and a deleted endpoint are changes too.
    let resend = json!({"deliveryId": seen[0]["delivery"]["id"]});
    owner
        .succeed("resendDelivery", resend, "delivery { id }")
        .await?;
    for status in ["PENDING", "SUCCEEDED"] {
        let data = live.next().await?.context("an update")?;
        assert_eq!(data["deliveryUpdates"]["delivery"]["status"], status);
    }
    jackfield.finish().await
}

fn is_over(update: &Value) -> bool {
    update["delivery"]["status"] == "SUCCEEDED"
}

#[test]
fn another_node_tells_them_too() -> Result<()> {
    example(Engine::Postgres, elsewhere)
}

async fn elsewhere(engine: Engine) -> Result<()> {
    const EVENTS: usize = 50;
    let outside = Receiver::start().await?;
    let first = Jackfield::start(engine).await?;
    let second = Setup::node_of(&first)?.start().await?;
    let endpoint = create(&first.owner(), &outside.url("/hook"), &[]).await?;
    let variables = json!({"endpoint": endpoint.id});
    let mut live = second.subscribe(UPDATES, variables).await?;
    for number in 0..EVENTS {
        publish(&first.owner(), "a", json!({"number": number})).await?;
    }
    let mut arrived = std::collections::BTreeSet::new();
    let mut cursors = Vec::new();
    while arrived.len() < EVENTS {
        let data = live.next().await?.context("an update")?;
        let update = &data["deliveryUpdates"];
        cursors.push(update["cursor"].as_str().unwrap_or_default().to_owned());
        if is_over(update) {
            arrived.insert(update["delivery"]["id"].to_string());
        }
    }
    let told = cursors.len();
    cursors.dedup();
    assert_eq!(cursors.len(), told, "each place once");
    first.finish().await?;
    second.finish().await
}
