//! Endpoints that are subjects of a NATS server, with a real one.

use std::time::Duration;

use anyhow::{Context, Result};
use insta::assert_json_snapshot;
use jackfield_tests::nats::{Consumed, Nats, with_nats};
use jackfield_tests::{Client, Engine, Jackfield, Setup};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::time::sleep;

use super::{Endpoint, all, create, create_with, publish, start, until};

/// Runs each with SQLite: what differs between databases is above sinks, and tested with HTTP.
macro_rules! with_nats {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[test]
            fn sqlite() -> anyhow::Result<()> {
                super::with_nats(super::$name)
            }
        })+
    };
}

mod refuse;

with_nats![
    an_event_is_in_the_stream_signed,
    a_server_may_want_a_user_with_a_password,
    without_a_stream_it_is_tried_again_under_the_same_id,
    what_is_sent_twice_by_a_crash_is_in_the_stream_once,
    a_server_that_was_away_gets_everything_once,
    the_order_is_kept,
    a_server_that_says_nothing_is_not_waited_for,
];

async fn a_server_may_want_a_user_with_a_password(engine: Engine) -> Result<()> {
    // The test itself connects as `anybody`.
    let users = "no_auth_user: anybody, authorization { users: [ { user: anybody }, { user: jack, password: field-5 } ] }";
    let nats = Nats::start_with(users).await?;
    nats.create_stream("ORDERS", "orders.>").await?;
    let jackfield = patient(engine)?.start().await?;
    let owner = jackfield.owner();
    let options = |password: &str| json!({"authentication": {"basic": {"username": "jack", "password": password}}});
    let input = json!({"url": nats.url("orders.{type}"), "options": options("wrong")});
    let endpoint = create_with(&owner, input).await?;
    let event = publish(&owner, "invoice.paid", json!({"cents": 12_500})).await?;
    let refused = error(&owner, &endpoint).await?;
    assert!(
        refused
            .as_str()
            .is_some_and(|error| error.starts_with("UNAUTHORIZED: ")),
        "{refused}"
    );

    let input = json!({"webhookEndpointId": endpoint.id, "options": options("field-5")});
    owner
        .succeed("updateWebhookEndpoint", input, "webhookEndpoint { id }")
        .await?;
    let consumed = nats.consume("ORDERS", 1).await?;
    assert_eq!(consumed[0].header("webhook-id"), event);

    let oauth2 = json!({"oauth2": {"tokenUrl": "http://127.0.0.1:9/token", "clientId": "a", "clientSecret": "b"}});
    let input = json!({"webhookEndpointId": endpoint.id, "options": {"authentication": oauth2}});
    let payload = owner
        .mutate("updateWebhookEndpoint", input, "webhookEndpoint { id }")
        .await?;
    let messages = payload["userErrors"].as_array().context("user errors")?;
    let messages: Vec<&Value> = messages.iter().map(|error| &error["message"]).collect();
    assert_json_snapshot!(messages, @r#"
    [
      "A server of NATS takes a token (`bearer`) or a user with a password (`basic`), and no OAuth 2.0."
    ]
    "#);
    jackfield.finish().await
}

/// Checks a message as its consumer would, with the library of Standard Webhooks.
fn verify(secret: &str, message: &Consumed) -> Result<()> {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, message.header(name).parse()?);
    }
    let verified = Webhook::new(secret)?.verify(&message.body, &headers);
    verified.map_err(|error| anyhow::anyhow!("{error}: {headers:?}"))
}

/// A server that tries often, 200 ms apart.
fn patient(engine: Engine) -> Result<Setup> {
    let setup = Setup::new(engine)?;
    Ok(setup.environment("JACKFIELD_WEBHOOK_RETRIES", &["200ms"; 50].join(",")))
}

/// The error of the last attempt at the last delivery, once there is one.
async fn error(client: &Client, endpoint: &Endpoint) -> Result<Value> {
    let found = until(client, endpoint, |found| {
        found.first().is_some_and(|row| row["attemptCount"] != 0)
    });
    let attempts = found.await?[0]["attempts"].clone();
    let last = attempts.as_array().and_then(|all| all.last().cloned());
    Ok(last.context("an attempt")?["error"].clone())
}

async fn an_event_is_in_the_stream_signed(engine: Engine) -> Result<()> {
    let nats = Nats::start().await?;
    nats.create_stream("ORDERS", "orders.>").await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let headers = json!([{"name": "X-Team", "value": "blue"}]);
    let input = json!({"url": nats.url("orders.{type}"), "options": {"customHeaders": headers}});
    let endpoint = create_with(&owner, input).await?;
    let event = publish(&owner, "invoice.paid", json!({"cents": 12_500})).await?;

    let consumed = nats.consume("ORDERS", 1).await?;
    let message = &consumed[0];
    verify(&endpoint.secret, message)?;
    assert_eq!(message.subject, "orders.invoice.paid");
    assert_eq!(message.header("webhook-id"), event);
    assert_eq!(message.header("Nats-Msg-Id"), event);
    assert_eq!(message.header("content-type"), "application/json");
    assert_eq!(message.header("x-team"), "blue");
    assert_eq!(message.json()["data"], json!({"cents": 12_500}));

    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    assert_json_snapshot!(found[0]["attempts"][0], {
        ".durationMs" => "[number]", ".attemptedAt" => "[time]",
        r#".requestHeaders["webhook-id"]"# => "[id]",
        r#".requestHeaders["webhook-timestamp"]"# => "[seconds]",
        r#".requestHeaders["webhook-signature"]"# => "[signature]",
    }, @r#"
    {
      "number": 1,
      "status": "SUCCEEDED",
      "statusCode": null,
      "durationMs": "[number]",
      "error": null,
      "trigger": "SCHEDULE",
      "responseBody": "{\"stream\":\"ORDERS\",\"seq\":1,\"duplicate\":false}",
      "requestHeaders": {
        "content-type": "application/json",
        "webhook-id": "[id]",
        "webhook-signature": "[signature]",
        "webhook-timestamp": "[seconds]",
        "x-team": "••••"
      },
      "attemptedAt": "[time]"
    }
    "#);
    let sent = owner.succeed(
        "sendTestEvent",
        json!({"webhookEndpointId": endpoint.id}),
        "event { id }",
    );
    sent.await?;
    assert_eq!(nats.consume("ORDERS", 2).await?[1].json()["test"], true);
    jackfield.finish().await
}

async fn without_a_stream_it_is_tried_again_under_the_same_id(engine: Engine) -> Result<()> {
    let nats = Nats::start().await?;
    let jackfield = patient(engine)?.start().await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &nats.url("orders"), &[]).await?;
    let event = publish(&owner, "invoice.paid", json!({})).await?;
    assert_json_snapshot!(error(&owner, &endpoint).await?, @r#""NO_STREAM: no stream takes the subject orders; create one, or change the subject in the endpoint's URL""#);

    nats.create_stream("ORDERS", "orders").await?;
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    let attempts = found[0]["attempts"].as_array().context("attempts")?;
    assert_eq!(attempts[0]["statusCode"], 503);
    let consumed = nats.consume("ORDERS", 1).await?;
    assert_eq!(consumed.len(), 1);
    assert_eq!(consumed[0].header("webhook-id"), event);
    verify(&endpoint.secret, &consumed[0])?;

    // Whoever sends it again on purpose gets the same message back.
    let input = json!({"deliveryId": found[0]["id"]});
    owner
        .succeed("resendDelivery", input, "delivery { id }")
        .await?;
    let again = |found: &[Value]| found[0]["attemptCount"].as_u64() > Some(attempts.len() as u64);
    let found = until(&owner, &endpoint, again).await?;
    let attempts = found[0]["attempts"].as_array().context("attempts")?;
    let last = attempts.last().context("an attempt")?;
    assert_eq!(
        last["responseBody"],
        r#"{"stream":"ORDERS","seq":1,"duplicate":true}"#
    );
    jackfield.finish().await
}

async fn what_is_sent_twice_by_a_crash_is_in_the_stream_once(engine: Engine) -> Result<()> {
    let nats = Nats::start().await?;
    nats.create_stream("ORDERS", "orders").await?;
    let setup = patient(engine)?.environment("JACKFIELD_RUN_LEASE", "500ms");
    let mut jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &nats.url("orders"), &[]).await?;
    jackfield.kill().await?;
    jackfield.set("JACKFIELD_CRASH", Some("before:2"));
    jackfield.restart().await?;
    let events: Vec<_> = (0..20)
        .map(|number| json!({"type": "a", "data": {}, "idempotencyKey": number.to_string()}))
        .collect();
    let input = json!({"events": events});
    let publish = || owner.succeed("publishEvents", input.clone(), "events { id }");
    // It may die before it answers.
    let _answer = publish().await;
    while !jackfield.has_ended()? {
        sleep(Duration::from_millis(20)).await;
    }
    let before = nats.consume("ORDERS", 1).await?.len();
    jackfield.set("JACKFIELD_CRASH", None);
    jackfield.restart().await?;
    let published = publish().await?["events"].clone();
    let found = until(&owner, &endpoint, all(20, "SUCCEEDED")).await?;
    let repeated = found.iter().filter(|row| {
        let attempts = row["attempts"].as_array();
        attempts.is_some_and(|all| {
            all.iter().any(|attempt| {
                attempt["responseBody"]
                    .as_str()
                    .is_some_and(|text| text.contains(r#""duplicate":true"#))
            })
        })
    });
    assert!(
        repeated.count() > 0,
        "{before} had arrived before the crash"
    );

    let mut ids: Vec<String> = nats
        .consume("ORDERS", 20)
        .await?
        .iter()
        .map(|message| message.header("webhook-id").to_owned())
        .collect();
    ids.sort();
    let mut wanted: Vec<&str> = published
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|event| event["id"].as_str())
        .collect();
    wanted.sort_unstable();
    assert_eq!(ids, wanted);
    jackfield.finish().await
}

async fn a_server_that_was_away_gets_everything_once(engine: Engine) -> Result<()> {
    let mut nats = Nats::start().await?;
    nats.create_stream("ORDERS", "orders").await?;
    let jackfield = patient(engine)?.start().await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &nats.url("orders"), &[]).await?;
    publish(&owner, "a", json!({"number": 0})).await?;
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;

    nats.stop().await?;
    for number in 1..5 {
        publish(&owner, "a", json!({"number": number})).await?;
    }
    let told = error(&owner, &endpoint).await?;
    let told = told.as_str().unwrap_or_default();
    assert!(
        told.starts_with("CONNECT: no connection to nats://127.0.0.1:"),
        "{told}"
    );
    nats.go_on().await?;
    until(&owner, &endpoint, all(5, "SUCCEEDED")).await?;
    let mut numbers: Vec<Value> = nats
        .consume("ORDERS", 5)
        .await?
        .iter()
        .map(|message| message.json()["data"]["number"].clone())
        .collect();
    numbers.sort_by_key(Value::as_u64);
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    jackfield.finish().await
}

async fn the_order_is_kept(engine: Engine) -> Result<()> {
    let nats = Nats::start().await?;
    nats.create_stream("ORDERS", "orders").await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"url": nats.url("orders"), "options": {"ordering": "STRICT"}});
    create_with(&owner, input).await?;
    for list in 0..2 {
        let events: Vec<_> = (0..100)
            .map(|number| json!({"type": "a", "data": {"number": list * 100 + number}}))
            .collect();
        owner
            .succeed("publishEvents", json!({"events": events}), "events { id }")
            .await?;
    }
    let consumed = nats.consume("ORDERS", 200).await?;
    let numbers: Vec<u64> = consumed
        .iter()
        .filter_map(|message| message.json()["data"]["number"].as_u64())
        .collect();
    assert_eq!(numbers, (0..200).collect::<Vec<u64>>());
    jackfield.finish().await
}

async fn a_server_that_says_nothing_is_not_waited_for(engine: Engine) -> Result<()> {
    let mut nats = Nats::start().await?;
    nats.create_stream("ORDERS", "orders").await?;
    let jackfield = patient(engine)?.start().await?;
    let owner = jackfield.owner();
    let input = json!({"url": nats.url("orders"), "options": {"timeout": "PT1S"}});
    let endpoint = create_with(&owner, input).await?;
    publish(&owner, "a", json!({})).await?;
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;

    nats.pause().await?;
    publish(&owner, "a", json!({})).await?;
    let told = error(&owner, &endpoint).await?;
    let told = told.as_str().unwrap_or_default();
    assert!(
        told.starts_with("TIMEOUT: nats://127.0.0.1:")
            && told.ends_with(" did not answer within 1000 ms"),
        "{told}"
    );
    nats.go_on().await?;
    until(&owner, &endpoint, all(2, "SUCCEEDED")).await?;
    assert_eq!(nats.consume("ORDERS", 2).await?.len(), 2);
    jackfield.finish().await
}
