//! Webhooks that are sent: who gets what, signed how, tried how often, seen and repaired.

mod authenticate;
mod channel;
mod crash;
mod deliver;
mod follow;
mod hostile;
mod manage;
mod nats;
mod node;
mod replay;
mod rest;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jackfield_tests::{Client, Engine, Jackfield, Request, Setup};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::time::{Instant, sleep};

/// An endpoint that was created, with what its owner checks signatures with.
struct Endpoint {
    id: String,
    secret: String,
}

/// Pauses that no test waits long for.
const RETRIES: &str = "200ms,200ms";

/// A server that tries three times, 200 ms apart.
async fn start(engine: Engine) -> Result<Jackfield> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_WEBHOOK_RETRIES", RETRIES);
    setup.start().await
}

/// Creates an endpoint for these types.
async fn create(client: &Client, url: &str, types: &[&str]) -> Result<Endpoint> {
    create_with(client, json!({"url": url, "eventTypes": types})).await
}

async fn create_with(client: &Client, input: Value) -> Result<Endpoint> {
    let selection = "webhookEndpoint { id } secret";
    let made = client
        .succeed("createWebhookEndpoint", input, selection)
        .await?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Endpoint {
        id: text(&made["webhookEndpoint"]["id"]).context("an id")?,
        secret: text(&made["secret"]).context("a secret")?,
    })
}

/// Publishes an event and returns its id.
async fn publish(client: &Client, event_type: &str, data: Value) -> Result<String> {
    let input = json!({"type": event_type, "data": data});
    let payload = client
        .succeed("publishEvent", input, "event { id }")
        .await?;
    let id = payload["event"]["id"].as_str();
    Ok(id.context("an id")?.to_owned())
}

/// Checks a request as its receiver would, with the library of Standard Webhooks.
fn verify(secret: &str, request: &Request) -> Result<()> {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, request.header(name).parse()?);
    }
    let verifier = Webhook::new(secret)?;
    verifier
        .verify(&request.body, &headers)
        .map_err(|error| anyhow::anyhow!("{error}: {headers:?}"))
}

const DELIVERIES: &str = "query($endpoint: ID) { deliveries(filter: {webhookEndpointId: $endpoint}, first: 100) { totalCount nodes {
    id status attemptCount nextAttemptAt finishedAt event { id type } endpoint { id }
    attempts { number status statusCode durationMs error trigger responseBody requestHeaders attemptedAt }
} } }";

/// The deliveries to an endpoint, the last first.
async fn deliveries(client: &Client, endpoint: &Endpoint) -> Result<Vec<Value>> {
    let variables = json!({"endpoint": endpoint.id});
    let data = client.data_with(DELIVERIES, variables).await?;
    let nodes = data["deliveries"]["nodes"].as_array();
    Ok(nodes.cloned().unwrap_or_default())
}

/// Waits until an endpoint's deliveries are as wanted, for at most 30 seconds.
async fn until(
    client: &Client,
    endpoint: &Endpoint,
    wanted: impl Fn(&[Value]) -> bool,
) -> Result<Vec<Value>> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let found = deliveries(client, endpoint).await?;
        if wanted(&found) {
            return Ok(found);
        }
        ensure!(Instant::now() < deadline, "the deliveries stay {found:#?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Whether there are so many, all of this status.
fn all(count: usize, status: &str) -> impl Fn(&[Value]) -> bool {
    move |found| found.len() == count && found.iter().all(|row| row["status"] == status)
}

/// An endpoint as the API shows it.
async fn show(client: &Client, endpoint: &Endpoint) -> Result<Value> {
    let document = "query($id: ID!) { webhookEndpoint(id: $id) {
        name url active disabledReason failingSince eventTypes customHeaders rateLimit timeout ordering
        health(window: \"PT1H\") { attempts failures successRate p50Ms p95Ms }
    } }";
    let data = client.data_with(document, json!({"id": endpoint.id}));
    Ok(data.await?["webhookEndpoint"].clone())
}
