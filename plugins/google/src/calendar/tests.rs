use jackfield_plugin_sdk::testing::{self, Captured, Ran, Reply, SentRequest};

use super::*;

const BASE: &str = "https://www.googleapis.com";
const CREW: &str = "crew@group.calendar.google.com";

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin()).node("google-calendar", config);
    let stage = stage.connected_app("google", &json!({}));
    replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

#[track_caller]
fn as_the_sdk(name: &str, request: &SentRequest) {
    let captured = Captured::parse(include_str!("../fixtures/captured.json"));
    captured.assert_sent(name, request, BASE, &["content-type"]);
}

#[track_caller]
fn sends(name: &str, config: Value, reply: Reply) {
    let ran = run(config, [reply]);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0]);
}

fn event() -> Reply {
    let event =
        json!({"id": "bk2041", "status": "confirmed", "etag": "\"1\"", "summary": "Spring clean"});
    Reply::json(200, &event)
}

fn refusal(status: u16, reason: &str, message: &str) -> Reply {
    let reasons = json!([{"domain": "global", "reason": reason, "message": message}]);
    Reply::json(
        status,
        &json!({"error": {"code": status, "message": message, "errors": reasons}}),
    )
}

fn everything(operation: &str) -> Value {
    json!({
        "operation": operation, "calendar": CREW, "title": "Spring clean", "start": "2026-12-01T09:00:00+01:00", "duration": "PT1H30M",
        "timeZone": "Europe/Berlin", "description": "3 rooms — Müller & Söhne", "location": "12 St James's Square, London",
        "attendees": ["grace@example.com", {"email": "ada@example.com", "displayName": "Ada Lovelace", "optional": true}],
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=10"],
        "reminders": [{"method": "email", "minutes": 1440}, {"minutes": 10}], "showAs": "transparent", "visibility": "private",
        "colorId": "11", "properties": {"booking": "bk_1"},
    })
}

#[test]
fn an_event_is_created_as_the_sdk_does() {
    let mut config = everything("create_event");
    config["googleMeet"] = true.into();
    config["sendUpdates"] = "externalOnly".into();
    sends("create_event", config, event());
    let little = json!({"operation": "create_event", "title": "Day off", "start": "2026-12-24"});
    sends("create_event_with_little", little, event());
}

#[test]
fn an_event_is_updated_as_the_sdk_does() {
    let mut config = everything("update_event");
    config["eventId"] = "bk2041".into();
    config["sendUpdates"] = "none".into();
    sends("update_event", config, event());
    let little = json!({"operation": "update_event", "eventId": "bk2041", "title": "Autumn clean"});
    sends("update_event_with_little", little, event());
}

#[test]
fn events_are_listed_as_the_sdk_does() {
    let page = |next: Option<&str>| {
        let items = json!([{"id": "a"}, {"id": "b", "organizer": {"self": true}}]);
        Reply::json(200, &json!({"items": items, "nextPageToken": next}))
    };
    let config = json!({
        "operation": "list_events", "calendar": CREW, "from": "2026-12-01T00:00:00+01:00", "until": "2026-12-08T00:00:00+01:00",
        "search": "clean", "orderBy": "startTime", "updatedSince": "2026-11-01T00:00:00Z", "property": "booking=bk_1",
        "showDeleted": true, "timeZone": "Europe/Berlin", "cursor": "CiAKGjBpNDd2",
    });
    sends("list_events", config, page(None));
    let little = json!({"operation": "list_events"});
    sends("list_events_with_little", little, page(None));

    let config = json!({"operation": "list_events", "limit": 3});
    let ran = run(config, [page(Some("next")), page(Some("more"))]);
    let token = ("pageToken".to_owned(), "next".to_owned());
    assert!(ran.requests[1].query.contains(&token));
    assert_eq!(
        ran.output(),
        json!({"items": [{"id": "a"}, {"id": "b", "organizer": {"self": true}}, {"id": "a"}], "cursor": "1~next"})
    );
}

#[test]
fn an_event_is_deleted_as_the_sdk_does() {
    let config = json!({"operation": "delete_event", "calendar": CREW, "eventId": "bk2041", "sendUpdates": "externalOnly"});
    sends("delete_event", config, Reply::new(204));
    let little = json!({"operation": "delete_event", "eventId": "bk2041"});
    sends("delete_event_with_little", little.clone(), Reply::new(204));
    let gone = refusal(410, "deleted", "Resource has been deleted");
    let ran = run(little.clone(), [gone]);
    assert_eq!(ran.output(), json!({"id": "bk2041", "deleted": true}));
    let ran = run(little, [refusal(404, "notFound", "Not Found")]);
    assert_eq!(
        ran.error().to_string(),
        "NOT_FOUND: www.googleapis.com answered 404: Not Found."
    );
}

/// Where the answer to the first try was lost, the second finds the event there.
#[test]
fn an_event_that_is_there_already_is_the_one() {
    let config = json!({"operation": "create_event", "title": "Day off", "start": "2026-12-24"});
    let there = refusal(409, "duplicate", "The requested identifier already exists.");
    let ran = run(config, [there, event()]);
    assert!(ran.requests[0].repeatable);
    as_the_sdk("get_event", &ran.requests[1]);
    assert_eq!(ran.output()["id"], "bk2041");
}

#[test]
fn an_update_takes_away_what_a_time_was_before() {
    let update = |start: &str| {
        let config = json!({"operation": "update_event", "eventId": "bk2041", "start": start, "duration": "PT1H"});
        let ran = run(config, [event()]);
        assert!(ran.requests[0].repeatable);
        ran.requests[0].json()
    };
    assert_eq!(
        update("2026-12-01T09:00:00Z"),
        json!({
            "start": {"dateTime": "2026-12-01T09:00:00Z", "date": null}, "end": {"dateTime": "2026-12-01T10:00:00Z", "date": null},
        })
    );
    assert_eq!(
        update("2026-12-01"),
        json!({
            "start": {"date": "2026-12-01", "dateTime": null, "timeZone": null},
            "end": {"date": "2026-12-02", "dateTime": null, "timeZone": null},
        })
    );
}

#[test]
fn what_google_refuses_is_told_with_its_words() {
    let config = json!({"operation": "list_events"});
    let refused = |reply: Reply| {
        let ran = run(config.clone(), [reply]);
        let error = ran.error().clone();
        (error.to_string(), error.retryable, error.retry_after_ms)
    };
    assert_eq!(
        refused(refusal(403, "rateLimitExceeded", "Rate Limit Exceeded")),
        (
            "RATE_LIMIT_EXCEEDED: www.googleapis.com answered 403: Rate Limit Exceeded.".to_owned(),
            true,
            None
        )
    );
    let limited = refusal(429, "rateLimitExceeded", "Rate Limit Exceeded");
    let (_, retryable, wait) = refused(limited.header("retry-after", "7"));
    assert_eq!((retryable, wait), (true, Some(7000)));
    assert_eq!(
        refused(refusal(
            403,
            "quotaExceeded",
            "Calendar usage limits exceeded."
        )),
        (
            "QUOTA_EXCEEDED: www.googleapis.com answered 403: Calendar usage limits exceeded."
                .to_owned(),
            false,
            None
        )
    );
    assert_eq!(
        refused(refusal(401, "authError", "Invalid Credentials")).0,
        "CREDENTIAL: www.googleapis.com answered 401: Invalid Credentials."
    );
    assert!(refused(Reply::new(503)).1);
}

#[test]
fn what_cannot_be_a_time_is_refused() {
    let refused = |more: Value| {
        let mut config = json!({"operation": "create_event", "title": "Spring clean"});
        for (name, value) in more.as_object().into_iter().flatten() {
            config[name] = value.clone();
        }
        let ran = run(config, []);
        ran.error().to_string()
    };
    assert_eq!(
        refused(json!({})),
        "INVALID_CONFIG: start is missing: it says when the event begins."
    );
    assert_eq!(
        refused(json!({"start": "tomorrow"})),
        "INVALID_CONFIG: start in the config of google-calendar is not valid: `tomorrow` is no time: write it like \
         2026-12-01T09:00:00+01:00, or 2026-12-01 for the whole day."
    );
    assert_eq!(
        refused(json!({"start": "2026-12-01", "duration": "an hour"})),
        "INVALID_CONFIG: duration in the config of google-calendar is not valid: `an hour` is no duration: write it like PT1H30M, or \
         P2D for two days."
    );
    assert_eq!(
        refused(json!({"start": "2026-12-01", "end": "2026-12-01T09:00:00Z"})),
        "INVALID_CONFIG: start and end have to be days both, or times both."
    );
    assert_eq!(
        refused(json!({"start": "2026-12-01T09:00:00Z", "recurrence": ["RRULE:FREQ=DAILY"]})),
        "INVALID_CONFIG: timeZone is missing: an event that recurs needs one."
    );
    let ran = run(
        json!({"operation": "update_event", "eventId": "bk2041"}),
        [],
    );
    assert_eq!(
        ran.error().to_string(),
        "INVALID_CONFIG: Nothing says what is to be changed: give a title, times or something else."
    );
    let ran = run(
        json!({"operation": "list_events", "from": "2026-12-01T00:00:00"}),
        [],
    );
    assert_eq!(
        ran.error().to_string(),
        "INVALID_CONFIG: from in the config of google-calendar is not valid: `2026-12-01T00:00:00` is no time with an offset: write it \
         like 2026-12-01T09:00:00+01:00."
    );
}

fn choices(source: &str, config: Value, reply: Reply) -> Ran {
    let stage = testing::plugin(crate::plugin()).options("google-calendar", source, config);
    let stage = stage.connected_app("google", &json!({}));
    stage.reply(reply).run()
}

#[test]
fn choices_are_those_of_the_account() {
    let items = json!([
        {"id": "ada@example.com", "summary": "ada@example.com", "summaryOverride": "Ada", "primary": true, "accessRole": "owner"},
        {"id": CREW, "summary": "Crew", "accessRole": "writer", "description": "Who is where"},
        {"id": "holidays", "summary": "Holidays", "accessRole": "reader"},
    ]);
    let list = Reply::json(200, &json!({"items": items, "nextPageToken": "next"}));
    let ran = choices("calendars", json!({}), list);
    as_the_sdk("calendars", &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({
            "options": [
                {"value": "ada@example.com", "label": "Ada", "description": "the account's own"},
                {"value": CREW, "label": "Crew", "description": "Who is where"},
                {"value": "holidays", "label": "Holidays", "description": "can be read only"},
            ],
            "cursor": "next",
        })
    );
    let items =
        json!([{"id": "bk2041", "summary": "Spring clean", "start": {"date": "2026-12-01"}}]);
    let list = Reply::json(200, &json!({"items": items}));
    let ran = choices("events", json!({"calendar": CREW}), list);
    let url =
        "https://www.googleapis.com/calendar/v3/calendars/crew%40group.calendar.google.com/events";
    assert_eq!(ran.requests[0].url, url);
    let since = ("timeMin".to_owned(), "2026-01-01T00:00:00Z".to_owned());
    assert!(ran.requests[0].query.contains(&since), "{:?}", ran.requests);
    assert_eq!(
        ran.output(),
        json!({"options": [{"value": "bk2041", "label": "Spring clean", "description": "2026-12-01"}]})
    );
}

#[test]
fn access_that_goes_not_so_far_has_no_choices() {
    let refused = refusal(403, "insufficientPermissions", "Insufficient Permission");
    let ran = choices("calendars", json!({}), refused);
    assert_eq!(ran.output(), json!({"options": []}));
    let refused = refusal(401, "authError", "Invalid Credentials");
    let ran = choices("calendars", json!({}), refused);
    assert_eq!(ran.error().code, "CREDENTIAL");
}
