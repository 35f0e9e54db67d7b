//! Events that come again.

use std::time::Duration;

use jackfield_storage::{
    access::{Permit, PublishEvents, Read},
    event, hook_health,
    ids::{EventId, Id, InboundRequestId},
    inbound_hook::{HookConfig, Scheme},
    inbound_request::KeptRequest,
};
use jackfield_webhooks::inbound::{Accepted, Answer};
use serde_json::json;

use crate::setting::{DEDUPE_WINDOW, Setting};

/// Of `{}`, as `openssl dgst -sha256 -hmac secret` makes it.
const SIGNATURE: &str = "sha256=77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13";

async fn github() -> Setting {
    let config = HookConfig {
        scheme: Scheme::Github,
        ..HookConfig::default()
    };
    Setting::new(config, json!("secret"), 1_700_000_000).await
}

async fn push(setting: &Setting, delivery: &str) -> Accepted {
    let headers = [
        ("x-hub-signature-256", SIGNATURE),
        ("x-github-event", "push"),
        ("x-github-delivery", delivery),
    ];
    match setting.post(&headers, "{}").await {
        Answer::Accepted(accepted) => accepted,
        other => panic!("not accepted: {other:?}"),
    }
}

#[tokio::test]
async fn an_id_is_new_again_when_its_window_is_over() {
    let setting = github().await;
    let first = push(&setting, "d1").await;
    setting.clock.advance(DEDUPE_WINDOW);
    let within = push(&setting, "d1").await;
    setting.clock.advance(Duration::from_millis(1));
    let (one, other) = tokio::join!(push(&setting, "d1"), push(&setting, "d1"));
    let again = push(&setting, "d1").await;

    assert!(within.duplicate && within.event_id == first.event_id);
    assert_eq!(one.event_id, other.event_id);
    assert_ne!(one.event_id, first.event_id);
    assert!(one.duplicate != other.duplicate);
    assert!(again.duplicate && again.event_id == one.event_id);
    assert_eq!(setting.runs().await, 2);
}

#[tokio::test]
async fn every_fate_is_counted_within_its_window() {
    let setting = github().await;
    push(&setting, "d1").await;
    push(&setting, "d1").await;
    setting.clock.advance(Duration::from_secs(3000));
    push(&setting, "d2").await;
    setting.post(&[], "{}").await;
    setting.inbound.write_counts(false).await;
    push(&setting, "d3").await;
    setting.inbound.write_counts(true).await;
    setting.clock.advance(Duration::from_secs(1200));

    let read = Permit::<Read>::system(setting.hook.workspace_id, "test");
    let counted = async |window: Duration| {
        let since = setting.clock.now().before(window);
        let ids = [setting.hook.id];
        let mut found = hook_health::since(setting.store.reader(), &read, &ids, since)
            .await
            .unwrap();
        let health = found.remove(&setting.hook.id).unwrap_or_default();
        (health.accepted, health.rejected, health.duplicates)
    };
    assert_eq!(counted(Duration::from_secs(3600)).await, (2, 1, 0));
    assert_eq!(counted(Duration::from_secs(86_400)).await, (3, 1, 1));
}

#[tokio::test]
async fn a_replay_is_a_new_event_that_says_what_it_repeats() {
    let setting = github().await;
    let first = push(&setting, "d1").await;
    let permit = Permit::<PublishEvents>::system(setting.hook.workspace_id, "test");
    let request = InboundRequestId::from_ulid(first.event_id.ulid());
    let replayed = setting.inbound.replay(&permit, request).await.unwrap();
    let twice = setting.inbound.replay(&permit, request).await.unwrap();

    assert!(replayed != first.event_id && twice != replayed);
    assert_eq!(setting.runs().await, 3);
    let kept = async |id: EventId| {
        let found = event::find(setting.store.reader(), &permit.read(), id).await;
        let event = found.unwrap().unwrap();
        let kept = event.request.unwrap().parse::<KeptRequest>().unwrap();
        (event.event_type, event.dedupe_key, kept)
    };
    let (event_type, key, before) = kept(first.event_id).await;
    let (again, new_key, after) = kept(replayed).await;
    assert_eq!(
        (event_type.as_str(), again.as_str()),
        ("github.push", "github.push")
    );
    assert!(key.is_some() && new_key.is_none());
    assert_eq!(after.replay_of, Some(first.event_id));
    assert_eq!(after.headers, before.headers);
    // The provider's own repeat is still one of the first event.
    assert_eq!(push(&setting, "d1").await.event_id, first.event_id);
}
