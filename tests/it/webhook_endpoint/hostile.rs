//! Receivers that hang, reset, answer at random or without end: nobody else notices.

use std::time::Duration;

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Receiver, Reply, Resetter, Setup, on_both_engines};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{all, create, create_with, publish, until, verify};

on_both_engines![
    one_that_hangs_holds_nobody_up,
    one_that_resets_is_told_of,
    one_that_answers_without_end_is_cut_off,
    one_that_fails_at_random_gets_everything,
    one_that_asks_for_time_is_given_it,
];

async fn one_that_hangs_holds_nobody_up(engine: Engine) -> Result<()> {
    const EVENTS: usize = 90;
    let outside = Receiver::start().await?;
    let setup = Setup::new(engine)?.environment("JACKFIELD_WEBHOOK_RETRIES", "");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    outside.answer("/hang", [Reply::hang()]);
    let input = json!({"url": outside.url("/hang"), "options": {"timeout": "PT2S"}});
    let hangs = create_with(&owner, input).await?;
    let works = create(&owner, &outside.url("/works"), &[]).await?;
    let events: Vec<_> = (0..EVENTS)
        .map(|n| json!({"type": "a", "data": {"n": n}}))
        .collect();
    owner
        .succeed("publishEvents", json!({"events": events}), "events { id }")
        .await?;
    let count = "query($id: ID!) { webhookEndpoint(id: $id) { deliveries(status: SUCCEEDED) { totalCount } } }";
    let mut arrived = json!(0);
    for _ in 0..500 {
        let data = owner.data_with(count, json!({"id": works.id})).await?;
        arrived = data["webhookEndpoint"]["deliveries"]["totalCount"].clone();
        if arrived == EVENTS {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(arrived, EVENTS);
    let found = until(&owner, &hangs, |found| {
        found.iter().any(|row| row["status"] == "FAILED")
    })
    .await?;
    let failed = found
        .iter()
        .find(|row| row["status"] == "FAILED")
        .context("one")?;
    let error = failed["attempts"][0]["error"].as_str().unwrap_or_default();
    assert!(error.starts_with("TIMEOUT: "), "{error}");
    // Its breaker has closed the way: most of them were not even tried.
    assert!(outside.requests_to("/hang").len() < EVENTS);
    jackfield.finish().await
}

async fn one_that_resets_is_told_of(engine: Engine) -> Result<()> {
    let outside = Resetter::start().await?;
    let jackfield = super::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &outside.url(), &[]).await?;
    publish(&owner, "a", json!({})).await?;
    let found = until(&owner, &endpoint, all(1, "FAILED")).await?;
    let attempts = found[0]["attempts"].as_array().context("attempts")?;
    assert_eq!(attempts.len(), 3);
    assert_eq!(attempts[0]["statusCode"], json!(null));
    assert!(attempts[0]["error"].is_string());
    jackfield.finish().await
}

async fn one_that_answers_without_end_is_cut_off(engine: Engine) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/endless", listener.local_addr()?);
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await?;
                stream
                    .write_all(b"HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n")
                    .await?;
                loop {
                    stream.write_all(b"400\r\n").await?;
                    stream.write_all(&[b'x'; 1024]).await?;
                    stream.write_all(b"\r\n").await?;
                }
                #[expect(unreachable_code, reason = "it names the type")]
                std::io::Result::Ok(())
            });
        }
    });
    let jackfield = super::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &url, &[]).await?;
    publish(&owner, "a", json!({})).await?;
    let found = until(&owner, &endpoint, all(1, "FAILED")).await?;
    let body = found[0]["attempts"][0]["responseBody"].as_str();
    assert_eq!(body.map(str::len), Some(16 << 10));
    assert_eq!(found[0]["attempts"][0]["statusCode"], 500);
    server.abort();
    jackfield.finish().await
}

async fn one_that_fails_at_random_gets_everything(engine: Engine) -> Result<()> {
    const EVENTS: usize = 60;
    let outside = Receiver::start().await?;
    let retries = ["50ms"; 30].join(",");
    let setup = Setup::new(engine)?.environment("JACKFIELD_WEBHOOK_RETRIES", &retries);
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    // The same coin in each run of the test.
    let mut coin = 42_u64;
    let replies = (0..1_000).map(|_| {
        coin = coin.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        match coin >> 63 {
            0 => Reply::json(500, &json!({})),
            _ => Reply::default(),
        }
    });
    outside.answer("/hook", replies);
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    let mut events = Vec::new();
    for number in 0..EVENTS {
        events.push(publish(&owner, "a", json!({"number": number})).await?);
    }
    let found = until(&owner, &endpoint, all(EVENTS, "SUCCEEDED")).await?;
    let attempts: u64 = found
        .iter()
        .filter_map(|row| row["attemptCount"].as_u64())
        .sum();
    let requests = outside.requests();
    assert_eq!(attempts, requests.len() as u64, "each attempt is on record");
    for request in &requests {
        verify(&endpoint.secret, request)?;
    }
    for event in &events {
        assert!(
            requests
                .iter()
                .any(|seen| seen.header("webhook-id") == event)
        );
    }
    jackfield.finish().await
}

async fn one_that_asks_for_time_is_given_it(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = super::start(engine).await?;
    let owner = jackfield.owner();
    let wait = Reply::json(429, &json!({})).header("retry-after", "2");
    outside.answer("/hook", [wait, Reply::default()]);
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    publish(&owner, "a", json!({})).await?;
    let found = until(&owner, &endpoint, |found| found[0]["attemptCount"] == 1).await?;
    let instant = |value: &serde_json::Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    let first = instant(&found[0]["attempts"][0]["attemptedAt"]).context("an instant")?;
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    let second = instant(&found[0]["attempts"][1]["attemptedAt"]).context("an instant")?;
    assert!(second.duration_since(first).as_millis() >= 2_000);
    jackfield.finish().await
}
