use jackfield_plugin_sdk::testing::{self, Ran, Reply};

use super::*;
use crate::tests::{ACCOUNT, as_the_sdk};

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let mut whole = json!({"operation": "send_notification"});
    for (name, value) in config.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    let stage = testing::plugin(crate::plugin()).node("fcm", whole);
    let stage = stage.connected_app("fcm", &json!({}));
    let stage = stage.secret("clientEmail", ACCOUNT);
    let stage = replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply));
    stage.run()
}

fn little() -> Value {
    json!({"token": "fGk1", "title": "On my way", "body": "Ada arrives at ten."})
}

#[track_caller]
fn sends(name: &str, config: Value) {
    let answer = json!({"name": "projects/acme-4711/messages/0:1"});
    let ran = run(config, [Reply::json(200, &answer)]);
    assert_eq!(ran.output(), answer);
    as_the_sdk(name, &ran.requests[0]);
}

#[test]
fn notifications_are_sent_as_the_sdk_sends_them() {
    sends("send_notification_with_little", little());
    let config = json!({
        "topic": "/topics/workers", "title": "On my way", "body": "Ada arrives at ten.", "image": "https://example.com/van.png",
        "data": {"booking": "bk_1", "stops": 3, "urgent": true, "place": {"lat": 37.8}, "nothing": null},
        "priority": "high", "timeToLive": 3600, "collapseKey": "arrival", "sound": "default", "badge": 2, "channel": "jobs",
        "link": "https://example.com/bookings/bk_1", "analyticsLabel": "arrivals",
    });
    sends("send_notification", config.clone());
    // The same, some of it in FCM's own words.
    let mut config = config;
    config["badge"] = Value::Null;
    config["priority"] = "normal".into();
    config["message"] = json!({
        "android": {"priority": "high"}, "apns": {"headers": {"apns-priority": "10"}, "payload": {"aps": {"badge": 2}}},
    });
    sends("send_notification", config);
    let config = json!({
        "condition": "'workers' in topics && 'oakland' in topics", "title": "On my way", "body": "Ada arrives at ten.", "priority": "normal",
        "message": {"apns": {"payload": {"aps": {}}}}, "validateOnly": true,
    });
    sends("validate_notification", config);
}

#[test]
fn somebody_has_to_get_it() {
    let told = "INVALID_CONFIG: One of token, topic and condition is needed: say to whom it goes.";
    for config in [
        json!({"title": "On my way"}),
        json!({"title": "On my way", "token": "fGk1", "topic": "workers"}),
    ] {
        let ran = run(config, []);
        assert_eq!(ran.error().to_string(), told);
    }
}

#[test]
fn what_fcm_refuses_is_told_with_its_names() {
    let error = |code: u16, status: &str, message: &str, details: Value| {
        let error = json!({"code": code, "message": message, "status": status, "details": details});
        Reply::json(code, &json!({"error": error}))
    };
    let fcm = |name: &str| json!([{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": name}]);
    let failed = |reply: Reply| run(little(), [reply]).error().clone();
    let gone = failed(error(
        404,
        "NOT_FOUND",
        "Requested entity was not found.",
        fcm("UNREGISTERED"),
    ));
    assert_eq!(
        (gone.code.as_str(), gone.retryable),
        ("UNREGISTERED", false)
    );

    let violations =
        json!([{"field": "message.token", "description": "Invalid registration token"}]);
    let details = json!([
        fcm("INVALID_ARGUMENT")[0],
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations},
    ]);
    let wrong = failed(error(
        400,
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
        details,
    ));
    assert_eq!(
        wrong.to_string(),
        "INVALID_ARGUMENT: fcm.googleapis.com answered 400: The registration token is not a valid FCM registration token. \
         message.token: Invalid registration token."
    );
    let apple = failed(error(
        401,
        "UNAUTHENTICATED",
        "Auth error from APNS or Web Push Service",
        fcm("THIRD_PARTY_AUTH_ERROR"),
    ));
    assert_eq!(apple.code, "THIRD_PARTY_AUTH_ERROR");
    let account = failed(error(
        401,
        "UNAUTHENTICATED",
        "Invalid Credentials",
        json!([]),
    ));
    assert_eq!(account.code, "CREDENTIAL");

    let often = || {
        error(
            429,
            "RESOURCE_EXHAUSTED",
            "Quota exceeded.",
            fcm("QUOTA_EXCEEDED"),
        )
    };
    let told = failed(often());
    assert_eq!(told.code, "QUOTA_EXCEEDED");
    assert_eq!((told.retryable, told.retry_after_ms), (true, Some(60_000)));
    let told = failed(often().header("Retry-After", "7"));
    assert_eq!(told.retry_after_ms, Some(7_000));
    let away = failed(error(503, "UNAVAILABLE", "Busy", fcm("UNAVAILABLE")));
    assert!(away.retryable);
}
