use jackfield_plugin_sdk::testing::{self, Ran, Reply, Stage};

use super::*;
use crate::tests::{as_the_sdk, connected};

fn stage(config: Value, replies: impl IntoIterator<Item = Reply>) -> Stage {
    let stage = connected(testing::plugin(crate::plugin()).node("mailchimp", config));
    replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
}

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    stage(config, replies).run()
}

fn member() -> Reply {
    let hash = "3e3417d7ef77d5932a6734b916515ed5";
    Reply::json(
        200,
        &json!({"id": hash, "email_address": "Ada@Example.com", "status": "subscribed", "list_id": "a1b2c3"}),
    )
}

fn campaign(status: &str) -> Reply {
    Reply::json(200, &json!({"id": "c0ffee", "web_id": 7, "status": status}))
}

fn problem(status: u16, title: &str, detail: &str) -> Reply {
    let kind = "https://mailchimp.com/developer/marketing/docs/errors/";
    let body = json!({"type": kind, "title": title, "status": status, "detail": detail, "instance": "995c5cb0"});
    Reply::json(status, &body)
}

fn upsert() -> Value {
    json!({"operation": "upsert_member", "audience": "a1b2c3", "email": " Ada@Example.com "})
}

fn send() -> Value {
    json!({"operation": "send_campaign", "campaign": "c0ffee"})
}

#[test]
fn members_are_sent_as_the_sdk_sends_them() {
    let ran = run(upsert(), [member()]);
    as_the_sdk("upsert_member_with_little", &ran.requests[0]);
    assert!(ran.requests[0].repeatable);
    assert_eq!(ran.output()["list_id"], "a1b2c3");
    let mut config = upsert();
    for (name, value) in [
        ("statusIfNew", json!("pending")),
        ("status", json!("subscribed")),
        (
            "mergeFields",
            json!({"POINTS": 7, "ADDRESS": {"addr1": "1 Main St", "city": "Oakland", "state": "CA", "zip": "94612"}}),
        ),
        ("firstName", json!("Ada")),
        ("lastName", json!("Lovelace")),
        ("phone", json!("+15551230000")),
        ("language", json!("de")),
        ("vip", json!(true)),
        ("emailType", json!("html")),
        (
            "interests",
            json!({"9143cf3bd1": true, "3a2a927344": false}),
        ),
        (
            "marketingPermissions",
            json!([{"id": "abc", "enabled": true}]),
        ),
        ("skipMergeValidation", json!(true)),
        ("tags", json!(["New customer"])),
    ] {
        config[name] = value;
    }
    let ran = run(config, [member(), Reply::new(204)]);
    as_the_sdk("upsert_member", &ran.requests[0]);
    as_the_sdk("upsert_member_tags", &ran.requests[1]);
    assert!(ran.requests[1].repeatable);
    assert_eq!(ran.output()["status"], "subscribed");
}

#[test]
fn tags_are_sent_as_the_sdk_sends_them() {
    let config = json!({
        "operation": "add_tags", "audience": "a1b2c3", "email": "ADA@example.com", "tags": ["New customer"], "remove": ["Lead"],
        "startAutomations": false,
    });
    let ran = run(config, [Reply::new(204)]);
    as_the_sdk("add_tags", &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"email": "ADA@example.com", "added": ["New customer"], "removed": ["Lead"]})
    );
    let none = json!({"operation": "add_tags", "audience": "a1b2c3", "email": "ada@example.com"});
    assert_eq!(
        run(none, []).error().to_string(),
        "INVALID_CONFIG: tags is missing: say which tags somebody gets, or with remove which are taken away."
    );
}

#[test]
fn campaigns_are_sent_as_the_sdk_sends_them() {
    let ran = run(send(), [campaign("save"), Reply::new(204)]);
    as_the_sdk("campaign", &ran.requests[0]);
    as_the_sdk("send_campaign", &ran.requests[1]);
    assert!(ran.requests[1].repeatable);
    assert_eq!(
        ran.output(),
        json!({"campaign": "c0ffee", "status": "sending"})
    );

    let mut later = send();
    later["delivery"] = "scheduled".into();
    later["sendAt"] = "2026-12-24T10:15:00+01:00".into();
    let ran = run(later, [campaign("paused"), Reply::new(204)]);
    as_the_sdk("schedule_campaign", &ran.requests[1]);
    assert_eq!(ran.output()["status"], "scheduled");

    let mut test = send();
    test["delivery"] = "test".into();
    test["testAddresses"] = json!(["ada@example.com"]);
    let ran = run(test, [Reply::new(204)]);
    as_the_sdk("test_campaign", &ran.requests[0]);
    assert!(!ran.requests[0].repeatable);
    assert_eq!(ran.output()["status"], "tested");

    let mut copy = send();
    copy["copy"] = true.into();
    let made = Reply::json(200, &json!({"id": "decaf", "status": "save"}));
    let ran = run(copy, [made, Reply::new(204)]);
    as_the_sdk("copy_campaign", &ran.requests[0]);
    assert!(
        ran.requests[1]
            .url
            .ends_with("/3.0/campaigns/decaf/actions/send")
    );
    assert_eq!(
        ran.output(),
        json!({"campaign": "decaf", "status": "sending", "copyOf": "c0ffee"})
    );
}

#[test]
fn a_campaign_goes_out_once() {
    let ran = run(send(), [campaign("sent")]);
    assert_eq!(
        ran.error().to_string(),
        "CAMPAIGN_SENT: The campaign c0ffee is sent or scheduled already, and Mailchimp sends each campaign once. Set copy to send a \
         copy of it."
    );
    assert!(!ran.error().retryable);
    // The attempt before has got through, and its answer has not come.
    let again = stage(send(), [campaign("sending")]).attempt(2).run();
    assert_eq!(again.output()["status"], "sending");
    // So has this one, or the same request before it.
    let refused = || problem(400, "Bad Request", "Campaign c0ffee has already been sent.");
    let ran = run(send(), [campaign("save"), refused(), campaign("sending")]);
    assert_eq!(ran.output()["status"], "sending");
    let ran = run(
        send(),
        [campaign("save"), Reply::new(502), campaign("sending")],
    );
    assert_eq!(ran.output()["status"], "sending");
}

#[test]
fn what_is_known_not_to_be_sent_is_tried_again() {
    let ran = run(
        send(),
        [campaign("save"), Reply::new(502), campaign("save")],
    );
    assert!(ran.error().retryable);
    let ran = run(send(), [campaign("save"), Reply::new(502), Reply::new(502)]);
    assert!(!ran.error().retryable);
    let not_ready = problem(400, "Bad Request", "Your Campaign is not ready to send.");
    let ran = run(send(), [campaign("save"), not_ready, campaign("save")]);
    assert_eq!(
        ran.error().to_string(),
        "BAD_REQUEST: us21.api.mailchimp.com answered 400: Your Campaign is not ready to send."
    );
}

#[test]
fn what_mailchimp_refuses_is_told_with_its_words() {
    let kind = "https://mailchimp.com/developer/marketing/docs/errors/";
    let detail = "The resource submitted could not be validated. For field-specific details, see the 'errors' array.";
    let errors = json!([
        {"field": "merge_fields.BIRTHDAY", "message": "Please enter a month (01-12) and a day (01-31)"},
        {"field": "", "message": "Required fields were not provided: email_address"},
    ]);
    let body = json!({"type": kind, "title": "Invalid Resource", "status": 400, "detail": detail, "instance": "9", "errors": errors});
    let ran = run(upsert(), [Reply::json(400, &body)]);
    assert_eq!(
        ran.error().to_string(),
        format!(
            "INVALID_RESOURCE: us21.api.mailchimp.com answered 400: {detail} merge_fields.BIRTHDAY: Please enter a month (01-12) and a \
             day (01-31). Required fields were not provided: email_address."
        )
    );
    assert!(!ran.error().retryable);
    let gone = "The requested resource could not be found.";
    let ran = run(upsert(), [problem(404, "Resource Not Found", gone)]);
    assert_eq!(ran.error().code, "RESOURCE_NOT_FOUND");
    let often = || {
        let said = "You have exceeded the limit of 10 simultaneous connections.";
        problem(429, "Too Many Requests", said)
    };
    let told = run(upsert(), [often()]).error().clone();
    assert_eq!((told.retryable, told.retry_after_ms), (true, Some(2_000)));
    let told = run(upsert(), [often().header("Retry-After", "5")]);
    assert_eq!(told.error().retry_after_ms, Some(5_000));
    assert!(run(upsert(), [Reply::new(500)]).error().retryable);
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let refused = |config: Value, member: &str, value: Value| {
        let mut config = config;
        config[member] = value;
        let ran = run(config, []);
        assert!(ran.requests.is_empty());
        ran.error().to_string()
    };
    assert_eq!(
        refused(upsert(), "audience", "../campaigns".into()),
        "INVALID_CONFIG: audience is no id of Mailchimp's: it has letters and digits, such as a1b2c3d4e5."
    );
    assert!(refused(send(), "campaign", "a/b".into()).contains("campaign is no id"));
    assert_eq!(
        refused(send(), "delivery", "test".into()),
        "INVALID_CONFIG: testAddresses is empty: say who gets the test."
    );
    let mut later = send();
    later["delivery"] = "scheduled".into();
    let zone = "INVALID_CONFIG: sendAt is no time with a time zone: write it like 2026-12-24T10:15:00+01:00.";
    assert_eq!(refused(later.clone(), "sendAt", Value::Null), zone);
    assert_eq!(
        refused(later.clone(), "sendAt", "2026-12-24T10:15:00".into()),
        zone
    );
    assert_eq!(
        refused(later, "sendAt", "2026-12-24T10:20:00Z".into()),
        "INVALID_CONFIG: sendAt is not at a quarter of an hour: Mailchimp sends at 0, 15, 30 and 45 minutes."
    );
}
