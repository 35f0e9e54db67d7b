//! Turns, by a clock that stands still until it is moved.

use std::time::Duration;

use futures_util::future::join_all;
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use jackfield_connected_apps::{AppChoice, ConnectedApps, GivenRateLimit, Later, UpdateApp};
use jackfield_plugin_host::Services;
use jackfield_storage::{Timestamp, app_turn, connected_app::ConnectedApp};
use serde_json::json;

use crate::setting::{Setting, account};

const SLOT: &str = "default";
const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

async fn limited(setting: &Setting, requests: i64, per: u64, burst: Option<i64>) -> ConnectedApp {
    let app = setting
        .connect(json!({"scheme": "bearer", "token": "t"}), json!(null))
        .await
        .unwrap();
    limit(setting, &app, Some((requests, per, burst))).await;
    app
}

async fn limit(setting: &Setting, app: &ConnectedApp, given: Option<(i64, u64, Option<i64>)>) {
    let given = given.map(|(requests, per, burst)| GivenRateLimit {
        requests,
        per: Duration::from_secs(per),
        burst,
    });
    let update = UpdateApp {
        rate_limit: Some(given),
        ..UpdateApp::default()
    };
    setting
        .apps
        .update(&setting.permit, app.id, update)
        .await
        .unwrap();
}

/// What a step that begins now is told about its first request.
async fn ask(
    setting: &Setting,
    apps: &ConnectedApps,
    app: &ConnectedApp,
    waited: Option<Later>,
) -> Option<Later> {
    let services = apps.services(
        setting.workspace,
        setting.run,
        AppChoice::Named(app.id),
        account(),
    );
    let services = services.await.unwrap();
    let waited = waited.map(|later| later.wake_at);
    services.first_turn(waited).await.unwrap()
}

/// Seconds from the start to the turn: a step is woken half a second earlier.
fn seconds(later: Option<Later>) -> f64 {
    later.map_or(0.0, |later| later.wake_at.since(START).as_secs_f64() + 0.5)
}

#[tokio::test]
async fn no_window_has_more_turns_than_the_limit_says_whoever_asks() {
    let setting = Setting::new().await;
    let app = limited(&setting, 60, 60, Some(10)).await;
    // Two nodes, each with many runs that ask at once.
    let asks = (0..200).map(|number| {
        let apps = match number % 2 {
            0 => &setting.apps,
            _ => &setting.elsewhere,
        };
        ask(&setting, apps, &app, None)
    });
    let mut turns: Vec<f64> = join_all(asks).await.into_iter().map(seconds).collect();
    turns.sort_by(f64::total_cmp);

    let at_once = turns.iter().filter(|turn| **turn == 0.0).count();
    assert_eq!(at_once, 10, "{turns:?}");
    for begin in &turns {
        let window = turns
            .iter()
            .filter(|turn| (*begin..begin + 60.0).contains(turn));
        assert!(window.count() <= 60, "from {begin}: {turns:?}");
    }
    // And the limit is made use of: 51 a minute after the burst.
    assert!(turns[199] < 225.0, "{turns:?}");
}

#[tokio::test]
async fn a_turn_that_was_waited_for_is_used_and_one_long_past_is_not() {
    let setting = Setting::new().await;
    let app = limited(&setting, 6, 60, None).await;
    assert_eq!(ask(&setting, &setting.apps, &app, None).await, None);
    let second = ask(&setting, &setting.apps, &app, None).await;
    let third = ask(&setting, &setting.apps, &app, None).await;
    assert_eq!((seconds(second), seconds(third)), (10.0, 20.0));

    setting.clock.advance(Duration::from_millis(9_500));
    let elsewhere = &setting.elsewhere;
    assert_eq!(ask(&setting, elsewhere, &app, second).await, None);
    // The third slept too long; meanwhile its turn has come and gone, and it gets the next one.
    setting.clock.advance(Duration::from_secs(50));
    assert_eq!(ask(&setting, elsewhere, &app, third).await, None);
    let next = ask(&setting, &setting.apps, &app, None).await;
    assert_eq!(seconds(next), 69.5);
}

#[tokio::test]
async fn the_pause_that_a_provider_asks_for_holds_for_all() {
    let setting = Setting::new().await;
    let app = limited(&setting, 6, 60, None).await;
    let services = setting
        .apps
        .services(
            setting.workspace,
            setting.run,
            AppChoice::Named(app.id),
            account(),
        )
        .await
        .unwrap();
    services.turn(SLOT).await.unwrap();
    let waiting = ask(&setting, &setting.elsewhere, &app, None).await;
    let headers = HeaderMap::from_iter([(RETRY_AFTER, "300".parse().unwrap())]);
    services
        .answered(SLOT, StatusCode::TOO_MANY_REQUESTS, &headers)
        .await;

    let new = ask(&setting, &setting.elsewhere, &app, None).await;
    assert_eq!(seconds(new), 300.0);
    // Whoever waited already is not let through either.
    setting.clock.advance(Duration::from_secs(10));
    let again = ask(&setting, &setting.elsewhere, &app, waiting).await;
    assert_eq!(seconds(again), 310.0);
}

#[tokio::test]
async fn another_limit_makes_the_turns_void_that_were_given_by_the_old_one() {
    let setting = Setting::new().await;
    let app = limited(&setting, 1, 3600, None).await;
    assert_eq!(ask(&setting, &setting.apps, &app, None).await, None);
    let later = ask(&setting, &setting.apps, &app, None).await.unwrap();
    let void = async || {
        let from = setting.apps.void_from(setting.workspace, app.id).await;
        later.wake_at >= from.unwrap()
    };
    assert!(!void().await);

    limit(&setting, &app, Some((600, 60, None))).await;
    assert!(void().await);
    assert_eq!(ask(&setting, &setting.apps, &app, None).await, None);
    assert!(void().await);

    limit(&setting, &app, None).await;
    assert!(void().await);
    assert_eq!(ask(&setting, &setting.apps, &app, None).await, None);
}

#[tokio::test]
async fn a_request_whose_turn_comes_too_late_for_its_attempt_fails_at_once() {
    let setting = Setting::new().await;
    let app = limited(&setting, 6, 60, None).await;
    assert_eq!(ask(&setting, &setting.apps, &app, None).await, None);
    let services = setting
        .apps
        .services(
            setting.workspace,
            setting.run,
            AppChoice::Named(app.id),
            account(),
        )
        .await
        .unwrap()
        .with_deadline(START.after(Duration::from_secs(5)));
    let error = services.turn(SLOT).await.unwrap_err();
    insta::assert_json_snapshot!(error, @r#"
    {
      "code": "RATE_LIMITED",
      "message": "the connected app `Partner` allows 6 requests in 60s, and the turn of this one comes at 2023-11-14T22:13:30Z, when the attempt's time is up: raise the node's `timeout` or the app's `rateLimit`",
      "retryable": true,
      "retryAfterMs": 10000
    }
    "#);
}

#[tokio::test]
async fn an_app_without_a_limit_leaves_nothing_behind() {
    let setting = Setting::new().await;
    let app = setting
        .connect(json!({"scheme": "bearer", "token": "t"}), json!(null))
        .await
        .unwrap();
    for _ in 0..100 {
        assert_eq!(ask(&setting, &setting.apps, &app, None).await, None);
    }
    let found = app_turn::find(setting.store.reader(), &setting.permit.read(), app.id).await;
    assert_eq!(found.unwrap(), None);
}
