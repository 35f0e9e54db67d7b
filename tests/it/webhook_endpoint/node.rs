//! Two nodes on one PostgreSQL share endpoints, limits, and what the other leaves.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{Engine, Receiver, Reply, Setup, example};
use serde_json::json;

use super::{all, create, create_with, publish, until};

#[test]
fn an_endpoint_of_one_node_gets_the_events_of_another() -> Result<()> {
    example(Engine::Postgres, shared)
}

async fn shared(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let first = super::start(engine).await?;
    let second = Setup::node_of(&first)?.start().await?;
    let endpoint = create(&first.owner(), &outside.url("/hook"), &[]).await?;
    publish(&second.owner(), "a", json!({})).await?;
    until(&second.owner(), &endpoint, all(1, "SUCCEEDED")).await?;
    let delete = json!({"webhookEndpointId": endpoint.id});
    first
        .owner()
        .succeed("deleteWebhookEndpoint", delete, "webhookEndpoint { id }")
        .await?;
    // The other node hears of it at once, but not before it is done.
    let document = "query($id: ID!) { event(id: $id) { deliveries { id } } }";
    let mut left = json!(null);
    for _ in 0..100 {
        let event = publish(&second.owner(), "a", json!({})).await?;
        let client = second.owner();
        let data = client.data_with(document, json!({"id": event})).await?;
        left = data["event"]["deliveries"].clone();
        if left == json!([]) {
            break;
        }
    }
    assert_eq!(left, json!([]));

    // In order, whoever published.
    let input = json!({"url": outside.url("/strict"), "options": {"ordering": "STRICT"}});
    let strict = create_with(&first.owner(), input).await?;
    let mut events = Vec::new();
    for number in 0..20 {
        let node = if number % 2 == 0 { &first } else { &second };
        events.push(publish(&node.owner(), "a", json!({"number": number})).await?);
    }
    until(&first.owner(), &strict, all(20, "SUCCEEDED")).await?;
    let arrived: Vec<String> = outside
        .requests_to("/strict")
        .iter()
        .map(|request| request.header("webhook-id").to_owned())
        .collect();
    assert_eq!(arrived, events);
    first.finish().await?;
    second.finish().await
}

#[test]
fn what_a_node_leaves_is_sent_by_the_other() -> Result<()> {
    example(Engine::Postgres, take_over)
}

async fn take_over(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let setup = Setup::new(engine)?.environment("JACKFIELD_RUN_LEASE", "1500ms");
    let mut first = setup.start().await?;
    let second = Setup::node_of(&first)?.start().await?;
    outside.answer(
        "/hook",
        [Reply::default().after(Duration::from_millis(500))],
    );
    let endpoint = create(&second.owner(), &outside.url("/hook"), &[]).await?;
    for number in 0..10 {
        publish(&first.owner(), "a", json!({"number": number})).await?;
    }
    first.kill().await?;
    until(&second.owner(), &endpoint, all(10, "SUCCEEDED")).await?;
    first.abandon();
    second.finish().await
}
