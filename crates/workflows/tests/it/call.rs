//! A node of a plugin: what it sends, what becomes of the answer.

use anyhow::Result;
use jackfield_storage::run::RunStatus;
use jackfield_storage::step::StepStatus;
use jackfield_tests::{Receiver, Reply};
use serde_json::json;

use crate::panel::Panel;

#[tokio::test]
async fn a_call_gets_its_evaluated_config_and_its_answer_goes_on() -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/ledger/7", [Reply::json(200, &json!({"entry": 99}))]);
    let panel = Panel::open().await?;
    let config = json!({
        "url": outside.url("/ledger/{{ trigger.body.booking }}"), "method": "POST", "body": {"cents": "{{ trigger.body.cents }}"},
    });
    let workflow = panel
        .publish(
            json!([
                {"key": "start", "type": "manual"},
                {"key": "call", "type": "api-endpoint", "config": config},
                {"key": "note", "type": "debug", "config": {"message": "entry {{ steps.call.output.body.entry }}"}},
            ]),
            &[("start", "call"), ("call", "note")],
        )
        .await?;
    let engine = panel.engine();
    let run = panel
        .over(
            panel
                .start(workflow, json!({"booking": 7, "cents": 1250}))
                .await?,
        )
        .await?;

    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.error);
    assert_eq!(
        run.output.map(|output| output.value()),
        Some(json!({"message": "entry 99"}))
    );
    assert_eq!(outside.requests()[0].json(), json!({"cents": 1250}));
    let call = panel.step(run.id, "call").await?;
    assert_eq!(
        (call.status, call.attempt, call.port.as_deref()),
        (StepStatus::Succeeded, 1, Some("data-out"))
    );
    assert_eq!(
        call.input.map(|input| input.value()["body"].clone()),
        Some(json!({"cents": 1250}))
    );
    assert!(call.started_at < call.finished_at);
    engine.drain(std::time::Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn an_answer_over_400_goes_by_the_error_port_or_ends_the_run() -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/", [Reply::json(404, &json!({"why": "gone"}))]);
    let panel = Panel::open().await?;
    let call = json!({"key": "call", "type": "api-endpoint", "config": {"url": outside.url("/")}});
    let start = json!({"key": "start", "type": "manual"});
    let note = json!({"key": "note", "type": "debug", "config": {"message": "{{ steps.call.output.body.why }}"}});
    let caught = panel
        .publish(
            json!([start, call, note]),
            &[("start", "call"), ("call.error", "note")],
        )
        .await?;
    let uncaught = panel
        .publish(json!([start, call]), &[("start", "call")])
        .await?;
    let engine = panel.engine();

    let run = panel.over(panel.start(caught, json!({})).await?).await?;
    assert_eq!(
        run.output.map(|output| output.value()),
        Some(json!({"message": "gone"}))
    );
    assert_eq!(panel.step(run.id, "call").await?.status, StepStatus::Failed);

    let run = panel.over(panel.start(uncaught, json!({})).await?).await?;
    assert_eq!(run.status, RunStatus::Failed);
    let error = run.error.map(|error| error.value()).unwrap_or_default();
    assert_eq!(
        (&error["code"], &error["nodeKey"]),
        (&json!("HTTP_STATUS"), &json!("call")),
        "{error}"
    );
    engine.drain(std::time::Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn attempts_share_their_idempotency_key() -> Result<()> {
    let outside = Receiver::start().await?;
    let busy = Reply::json(503, &json!({}));
    outside.answer("/flaky", [busy.clone(), busy, Reply::default()]);
    let panel = Panel::open().await?;
    let workflow = panel
        .publish(
            json!([
                {"key": "start", "type": "manual"},
                {
                    "key": "call", "type": "api-endpoint", "config": {"url": outside.url("/flaky"), "method": "POST"},
                    "retry": {"maxAttempts": 3, "initialDelay": "PT0.01S"},
                },
            ]),
            &[("start", "call")],
        )
        .await?;
    let engine = panel.engine();
    let run = panel.over(panel.start(workflow, json!({})).await?).await?;

    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.error);
    assert_eq!(panel.step(run.id, "call").await?.attempt, 3);
    let keys: Vec<_> = outside
        .requests()
        .iter()
        .map(|request| request.headers.get("idempotency-key").cloned())
        .collect();
    assert_eq!(keys.len(), 3);
    assert!(
        keys[0].is_some() && keys.iter().all(|key| *key == keys[0]),
        "{keys:?}"
    );
    engine.drain(std::time::Duration::from_secs(5)).await;
    Ok(())
}
