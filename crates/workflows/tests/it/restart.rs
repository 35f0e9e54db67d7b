//! What survives when the engine stops, in order and not.

use std::time::Duration;

use anyhow::Result;
use jackfield_storage::run::RunStatus;
use jackfield_storage::step::StepStatus;
use jackfield_tests::{Receiver, Reply};
use jackfield_workflows::{Engine, EngineConfig};
use serde_json::{Value, json};

use crate::panel::Panel;

fn calls(outside: &Receiver, more: &Value) -> Value {
    let call = |key: &str| {
        let mut node = json!({
            "key": key, "type": "api-endpoint", "config": {"url": outside.url(&format!("/{key}")), "method": "POST"},
        });
        if let (Some(node), Some(more)) = (node.as_object_mut(), more.as_object()) {
            node.extend(more.clone());
        }
        node
    };
    json!([{"key": "start", "type": "manual"}, call("one"), call("two")])
}

const EDGES: [(&str, &str); 2] = [("start", "one"), ("one", "two")];

/// Keys of the requests at a path.
fn keys(outside: &Receiver, path: &str) -> Vec<Option<String>> {
    let at = outside
        .requests()
        .into_iter()
        .filter(|request| request.path == path);
    at.map(|request| request.headers.get("idempotency-key").cloned())
        .collect()
}

/// Starts a run and leaves the engine without a word while `two` is under way.
async fn crashed(
    outside: &Receiver,
    more: &Value,
) -> Result<(Panel, jackfield_storage::ids::RunId)> {
    outside.answer("/two", [Reply::hang(), Reply::default()]);
    let panel = Panel::open().await?;
    let workflow = panel.publish(calls(outside, more), &EDGES).await?;
    let engine = panel.engine();
    let run = panel.start(workflow, json!({})).await?;
    outside.wait_for(2).await?;
    drop(engine);
    Ok((panel.reopen().await?, run))
}

#[tokio::test]
async fn a_step_in_flight_is_sent_again_with_its_key_and_a_finished_one_is_not() -> Result<()> {
    let outside = Receiver::start().await?;
    let (panel, run) = crashed(&outside, &json!({})).await?;
    let engine = panel.engine();
    let run = panel.over(run).await?;

    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.error);
    assert_eq!(keys(&outside, "/one").len(), 1);
    let sent = keys(&outside, "/two");
    assert!(
        sent.len() == 2 && sent[0].is_some() && sent[0] == sent[1],
        "{sent:?}"
    );
    engine.drain(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn a_step_in_flight_fails_when_its_node_says_so() -> Result<()> {
    let outside = Receiver::start().await?;
    let (panel, run) = crashed(&outside, &json!({"onUncertain": "FAIL"})).await?;
    let engine = panel.engine();
    let run = panel.over(run).await?;

    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(
        run.error.map(|error| error.value()["code"].clone()),
        Some(json!("UNCERTAIN"))
    );
    assert_eq!(keys(&outside, "/two").len(), 1);
    engine.drain(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn a_step_in_flight_waits_for_a_person_when_its_node_says_so() -> Result<()> {
    let outside = Receiver::start().await?;
    let (panel, run) = crashed(&outside, &json!({"onUncertain": "ASK"})).await?;
    let engine = panel.engine();
    let run = panel
        .until(run, |run| run.status == RunStatus::Waiting)
        .await?;

    assert_eq!(run.due_at, None);
    assert_eq!(
        panel.step(run.id, "two").await?.status,
        StepStatus::Uncertain
    );
    assert_eq!(keys(&outside, "/two").len(), 1);
    engine.drain(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn draining_waits_for_the_call_and_gives_the_run_back() -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/one", [Reply::default().after(Duration::from_millis(300))]);
    let panel = Panel::open().await?;
    let workflow = panel.publish(calls(&outside, &json!({})), &EDGES).await?;
    let engine = panel.engine();
    let id = panel.start(workflow, json!({})).await?;
    outside.wait_for(1).await?;
    engine.drain(Duration::from_secs(5)).await;

    assert_eq!(panel.run(id).await?.status, RunStatus::Queued);
    assert_eq!(panel.step(id, "one").await?.status, StepStatus::Succeeded);
    let panel = panel.reopen().await?;
    let engine = panel.engine();
    assert_eq!(panel.over(id).await?.status, RunStatus::Succeeded);
    assert_eq!(outside.requests().len(), 2);
    engine.drain(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn draining_leaves_a_call_that_takes_too_long() -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/one", [Reply::hang(), Reply::default()]);
    let panel = Panel::open().await?;
    let workflow = panel.publish(calls(&outside, &json!({})), &EDGES).await?;
    let engine = panel.engine();
    let id = panel.start(workflow, json!({})).await?;
    outside.wait_for(1).await?;
    engine.drain(Duration::from_millis(100)).await;

    assert_eq!(panel.run(id).await?.status, RunStatus::Queued);
    assert_eq!(panel.step(id, "one").await?.status, StepStatus::Running);
    let panel = panel.reopen().await?;
    let engine = panel.engine();
    assert_eq!(panel.over(id).await?.status, RunStatus::Succeeded);
    engine.drain(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn a_long_pause_is_a_row_and_ends_by_itself() -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/one", [Reply::json(503, &json!({})), Reply::default()]);
    let panel = Panel::open().await?;
    let retry = json!({"retry": {"maxAttempts": 2, "initialDelay": "PT1S"}});
    let workflow = panel.publish(calls(&outside, &retry), &EDGES).await?;
    let config = EngineConfig {
        park_after: Duration::from_millis(100),
        ..EngineConfig::default()
    };
    let engine = Engine::start(&panel.workflows, config);
    let id = panel.start(workflow, json!({})).await?;

    let waiting = panel
        .until(id, |run| run.status == RunStatus::Waiting)
        .await?;
    assert!(waiting.due_at.is_some() && waiting.lease_owner.is_none());
    assert_eq!(panel.step(id, "one").await?.status, StepStatus::Waiting);
    let run = panel.over(id).await?;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.error);
    assert_eq!(panel.step(id, "one").await?.attempt, 2);
    engine.drain(Duration::from_secs(5)).await;
    Ok(())
}
