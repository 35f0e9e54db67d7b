//! Events in a calendar.

use anyhow::Result;
use jackfield_tests::{
    Engine, Google, Jackfield, Reply, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_booking_becomes_an_event,
    what_goes_wrong_leaves_by_the_error_port,
    a_busy_google_is_asked_again_for_the_same_event,
    an_event_under_way_when_the_server_dies_is_created_once,
];

/// A workflow that puts a booking into the calendar.
fn booked(app: &Value, more: &Value) -> Value {
    let config = json!({
        "operation": "create_event", "title": "{{ trigger.body.service }}", "start": "{{ trigger.body.at }}", "duration": "PT1H30M",
        "location": "{{ trigger.body.address }}", "attendees": "{{ trigger.body.crew }}",
    });
    let mut node = node_of_app("event", "google-calendar", app, config);
    for (name, value) in more.as_object().into_iter().flatten() {
        node[name] = value.clone();
    }
    start_then_or_excuse(node)
}

fn booking() -> Value {
    json!({
        "service": "Spring clean", "at": "2026-12-01T09:00:00+01:00", "address": "12 St James's Square, London",
        "crew": ["grace@example.com"],
    })
}

/// The ids with which events reached Google.
fn ids(google: &Google) -> Vec<Value> {
    let creations = google.creations().into_iter();
    creations
        .map(|creation| creation.json()["id"].clone())
        .collect()
}

async fn a_booking_becomes_an_event(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let run = owner.run_once(booked(&app, &json!({})), booking()).await?;
    assert_eq!(step(&run, "event")["output"]["id"], "made", "{run:#}");
    let sent = &google.creations()[0];
    assert_eq!(sent.query, "sendUpdates=all");
    assert_eq!(sent.header("authorization"), "Bearer ya29.of-the-tests");
    let mut event = sent.json();
    let id = event["id"].as_str().unwrap_or_default().to_owned();
    assert!(
        id.len() >= 5 && id.bytes().all(|letter| letter.is_ascii_hexdigit()),
        "{id}"
    );
    event["id"] = "[id]".into();
    assert_eq!(
        event,
        json!({
            "id": "[id]", "summary": "Spring clean", "start": {"dateTime": "2026-12-01T09:00:00+01:00"},
            "end": {"dateTime": "2026-12-01T10:30:00+01:00"}, "location": "12 St James's Square, London",
            "attendees": [{"email": "grace@example.com"}],
        })
    );
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let definition = booked(&app, &json!({"timeout": "PT1S"}));
    let refused = Google::error(
        403,
        "requiredAccessLevel",
        "You need to have writer access to this calendar.",
    );
    let mut told = Vec::new();
    for reply in [refused, Reply::hang()] {
        google.events([reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        let error = &step(&run, "excuse")["output"]["message"];
        told.push(json!([error["code"], error["message"]]));
    }
    let mut late = booking();
    late["at"] = "tomorrow".into();
    let run = owner.run_once(definition, late).await?;
    let error = &step(&run, "excuse")["output"]["message"];
    told.push(json!([error["code"], error["message"]]));
    assert_eq!(
        json!(told),
        json!([
            [
                "REQUIRED_ACCESS_LEVEL",
                "www.googleapis.com answered 403: You need to have writer access to this calendar."
            ],
            ["TIMEOUT", "the attempt took longer than 1s"],
            [
                "INVALID_CONFIG",
                "start in the config of google-calendar is not valid: `tomorrow` is no time: write it like \
                 2026-12-01T09:00:00+01:00, or 2026-12-01 for the whole day."
            ],
        ])
    );
    jackfield.finish().await
}

async fn a_busy_google_is_asked_again_for_the_same_event(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let limited = || Google::error(429, "rateLimitExceeded", "Rate Limit Exceeded");
    let limits = [
        limited().header("retry-after", "1"),
        Google::error(403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
        Google::created(),
    ];
    google.events(limits);
    let retry = json!({"retry": {"maxAttempts": 3, "initialDelay": "PT0.05S"}});
    let run = owner.run_once(booked(&app, &retry), booking()).await?;
    assert_eq!(step(&run, "event")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "event")["attempt"], 3, "{run:#}");
    let (ids, creations) = (ids(&google), google.creations());
    assert!(
        ids.len() == 3 && ids[0] == ids[1] && ids[1] == ids[2],
        "{ids:?}"
    );
    let waited = creations[1].arrived - creations[0].arrived;
    assert!(waited.as_millis() >= 1000, "{waited:?}");
    jackfield.finish().await
}

async fn an_event_under_way_when_the_server_dies_is_created_once(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let mut jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    // The first request has reached Google; its answer has not come back.
    let there = Google::error(409, "duplicate", "The requested identifier already exists.");
    google.events([Reply::hang(), there]);
    let workflow = owner.publish("Book", booked(&app, &json!({}))).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    google.outside.wait_for_to(Google::EVENTS, 1).await?;
    let id = ids(&google)[0].as_str().unwrap_or_default().to_owned();
    let event = format!("/calendar/v3/calendars/primary/events/{id}");
    google.outside.answer(
        &event,
        [Reply::json(200, &json!({"id": id, "status": "confirmed"}))],
    );
    jackfield.kill().await?;
    jackfield.restart().await?;
    let run = owner.ended(&run).await?;
    assert_eq!(
        step(&run, "event")["output"],
        json!({"id": id, "status": "confirmed"}),
        "{run:#}"
    );
    assert_eq!(ids(&google), [json!(id), json!(id)]);
    jackfield.finish().await
}
