//! Events of the past are sent again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jackfield_tests::{Client, Engine, Jackfield, Receiver, Reply, on_both_engines};
use serde_json::{Value, json};

use super::{all, create, create_with, deliveries, publish, until};

on_both_engines![
    the_past_is_sent_under_the_same_ids,
    only_what_is_missing_is_sent_on_request,
    a_replay_waits_and_goes_on,
    a_large_event_is_looked_into_like_any_other,
];

const REPLAY: &str = "id status total done sent";

async fn replay(client: &Client, input: Value) -> Result<Value> {
    let selection = format!("replay {{ {REPLAY} }}");
    let begun = client.succeed("replayEvents", input, &selection).await?;
    Ok(begun["replay"].clone())
}

async fn until_over(client: &Client, replay: &Value) -> Result<Value> {
    let document =
        format!("query($id: ID!) {{ node(id: $id) {{ ... on Replay {{ {REPLAY} }} }} }}");
    for _ in 0..1_000 {
        let data = client
            .data_with(&document, json!({"id": replay["id"]}))
            .await?;
        if data["node"]["status"] != "RUNNING" {
            return Ok(data["node"].clone());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("the replay does not end")
}

async fn the_past_is_sent_under_the_same_ids(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut events = Vec::new();
    for number in 0..5 {
        events.push(publish(&owner, "invoice.paid", json!({"number": number})).await?);
        publish(&owner, "invoice.void", json!({})).await?;
    }
    let endpoint = create(&owner, &outside.url("/hook"), &["invoice.p*"]).await?;
    let input = json!({"webhookEndpointId": endpoint.id});
    let begun = replay(&owner, input).await?;
    assert_eq!(begun["total"], 5);
    let over = until_over(&owner, &begun).await?;
    assert_eq!(
        (&over["status"], &over["done"], &over["sent"]),
        (&json!("FINISHED"), &json!(5), &json!(5))
    );
    until(&owner, &endpoint, all(5, "SUCCEEDED")).await?;
    let mut arrived: Vec<String> = outside
        .requests()
        .iter()
        .map(|request| request.header("webhook-id").to_owned())
        .collect();
    arrived.sort();
    events.sort();
    assert_eq!(arrived, events);

    let none = json!({"webhookEndpointId": endpoint.id, "until": "2001-01-01T00:00:00Z"});
    let begun = replay(&owner, none).await?;
    assert_eq!(until_over(&owner, &begun).await?["sent"], 0);
    let off = json!({"webhookEndpointId": endpoint.id, "active": false});
    owner
        .succeed("updateWebhookEndpoint", off, "webhookEndpoint { id }")
        .await?;
    let input = json!({"webhookEndpointId": endpoint.id});
    let refused = owner.mutate("replayEvents", input, "replay { id }").await?;
    assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");
    jackfield.finish().await
}

async fn only_what_is_missing_is_sent_on_request(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = super::start(engine).await?;
    let owner = jackfield.owner();
    let no = || Reply::json(500, &json!({}));
    publish(&owner, "a", json!({"before": true})).await?;
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    publish(&owner, "a", json!({})).await?;
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    outside.answer("/hook", [no()]);
    publish(&owner, "a", json!({"lost": true})).await?;
    until(&owner, &endpoint, |found| {
        found.iter().any(|row| row["status"] == "FAILED")
    })
    .await?;
    outside.answer("/hook", [Reply::default()]);
    let before = outside.requests().len();
    let input = json!({"webhookEndpointId": endpoint.id, "scope": "MISSING"});
    let begun = replay(&owner, input.clone()).await?;
    let over = until_over(&owner, &begun).await?;
    assert_eq!((&over["done"], &over["sent"]), (&json!(3), &json!(2)));
    until(&owner, &endpoint, all(3, "SUCCEEDED")).await?;
    assert_eq!(outside.requests().len(), before + 2);
    jackfield.finish().await
}

async fn a_replay_waits_and_goes_on(engine: Engine) -> Result<()> {
    const EVENTS: usize = 900;
    let outside = Receiver::start().await?;
    let mut jackfield = super::start(engine).await?;
    let owner = jackfield.owner();
    let events: Vec<_> = (0..EVENTS)
        .map(|n| json!({"type": "a", "data": {"n": n}}))
        .collect();
    owner
        .succeed("publishEvents", json!({"events": events}), "events { id }")
        .await?;
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    outside.answer(
        "/hook",
        [Reply::default().after(Duration::from_millis(100))],
    );
    let input = json!({"webhookEndpointId": endpoint.id});
    let begun = replay(&owner, input).await?;
    let id = json!({"replayId": begun["id"]});
    let paused = owner
        .succeed("pauseReplay", id.clone(), &format!("replay {{ {REPLAY} }}"))
        .await?;
    assert_eq!(paused["replay"]["status"], "PAUSED");
    let done = paused["replay"]["done"].as_u64().context("done")?;
    ensure!(done < EVENTS as u64, "{paused}");

    // A crash changes nothing about it.
    jackfield.kill().await?;
    jackfield.restart().await?;
    let still = until_over(&owner, &begun).await?;
    assert_eq!(
        (&still["status"], &still["done"]),
        (&json!("PAUSED"), &json!(done))
    );
    outside.answer("/hook", [Reply::default()]);
    owner
        .succeed("resumeReplay", id.clone(), "replay { id }")
        .await?;
    let over = until_over(&owner, &begun).await?;
    assert_eq!(
        (&over["status"], &over["sent"]),
        (&json!("FINISHED"), &json!(EVENTS))
    );
    let count = "query($id: ID!) { webhookEndpoint(id: $id) { deliveries(status: SUCCEEDED) { totalCount } } }";
    for _ in 0..1_000 {
        let data = owner.data_with(count, json!({"id": endpoint.id})).await?;
        if data["webhookEndpoint"]["deliveries"]["totalCount"] == EVENTS {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut ids: Vec<String> = outside
        .requests()
        .iter()
        .map(|request| request.header("webhook-id").to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), EVENTS);
    let late = owner.mutate("cancelReplay", id, "replay { id }").await?;
    assert_eq!(late["userErrors"][0]["message"], "The replay is over.");
    assert!(!deliveries(&owner, &endpoint).await?.is_empty());
    jackfield.finish().await
}

/// What is large is stored apart from its event; a filter sees it all the same.
async fn a_large_event_is_looked_into_like_any_other(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let text = "x".repeat(100_000);
    for kept in [true, false] {
        publish(&owner, "report.made", json!({"kept": kept, "text": text})).await?;
    }
    let filtered = json!({"url": outside.url("/hook"), "eventTypes": ["report.made"],
        "options": {"filter": "{{ event.data.kept and event.data.text | length > 99999 }}"}});
    let endpoint = create_with(&owner, filtered).await?;
    let begun = replay(&owner, json!({"webhookEndpointId": endpoint.id})).await?;
    let over = until_over(&owner, &begun).await?;
    assert_eq!((&over["done"], &over["sent"]), (&json!(2), &json!(1)));
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    let sent = outside.requests()[0].json();
    assert_eq!(sent["data"], json!({"kept": true, "text": text}));
    jackfield.finish().await
}
